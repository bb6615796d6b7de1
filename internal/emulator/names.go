package emulator

import "strings"

var givenNames = []string{
	"Amara", "Björn", "Chloé", "Dmitri", "Eilidh", "Farid", "Grace", "Hiroshi", "Inés", "Jürgen",
	"Kavya", "Łukasz", "Maëlle", "Nadia", "Oisín", "Priya", "Quentin", "Rosa", "Søren", "Tomás",
	"Uma", "Věra", "Wen", "Ximena", "Yusuf", "Zoë",
}

var familyNames = []string{
	"Adeyemi", "Brandt", "Castellanos", "Dvořák", "Eriksson", "Fernández", "Gallagher", "Haddad",
	"Ivanova", "Jansen", "Kowalski", "Lindqvist", "Mbeki", "Nakamura", "O'Connor", "Petrov",
	"Quispe", "Rossi", "Šimić", "Tanaka", "Ünal", "Vásquez", "Whitfield", "Xu", "Yılmaz", "Zhang",
	"Okafor", "Müller", "Silva",
}

// moreGivenNames are for organizations larger than the usual demo. None is in givenNames.
var moreGivenNames = strings.Fields(`
	Aaron Abigail Adrian Aisha Alana Albert Aleksander Alice Amelia Anders Angela Anouk Antonio Arjun
	Astrid Beatriz Benedict Bianca Boris Brigitte Camille Carlos Cecilia Chidi Clara Conor Dalia Daniel
	Deepika Delphine Diego Edith Elif Emil Esther Fatima Felix Fiona Francesca Gabriel Gemma Giulia
	Gustav Hamza Hannah Helena Henrik Ibrahim Ines Isabel Ivan Jacob Jana Jasmin Joao Johanna Jonas
	Julia Kaito Karim Katarina Keiko Kwame Lars Laura Leila Leon Lucia Magnus Malik Marco Maria Mateo
	Mei Milan Miriam Naomi Nikolai Noor Olga Omar Patricia Pavel Petra Rafael Rania Ruth Samira Sanjay
	Sebastian Sofia Stefan Sunita Tariq Teresa Theo Valentina Viktor Yara Zainab
`)

// moreFamilyNames are as many as have no divisor in common with moreGivenNames, so that
// counting through both makes every pair.
var moreFamilyNames = strings.Fields(`
	Abbott Achterberg Aguilar Almeida Andersson Aydin Baker Banerjee Barros Bauer Becker Bennett
	Bianchi Blanchard Boateng Carvalho Chang Chowdhury Coleman Costa Dahl Davies Delgado Desai Diallo
	Duarte Dubois Ekwueme Engel Esposito Farah Ferrari Fischer Fontaine Foster Fraser Garcia Ghosh
	Greco Guerrero Gupta Hansen Harper Hassan Hayashi Herrera Hoffmann Holm Horvat Hughes Ibarra Iqbal
	Jensen Johansson Joshi Kang Kaplan Karlsson Keita Kim Klein Kone Koskinen Kovac Krause Kumar Larsen
	Laurent Lehmann Leroy Lopez Lund Maier Mancini Marek Martins Mendes Mensah Mishra Molina Moreau
	Murphy Nagy Navarro Nguyen Nielsen Novak Nowak Ochieng Olsson Ortega Osei Park Patel Pereira
	Popescu Qureshi Ramos Reyes Ricci Rodrigues Romano Saito Salazar Santos Sato Schneider Shah Simmons
	Singh Sorensen Suarez Sullivan Svensson Takahashi Thompson Torres Urban Vargas Virtanen Vogel
	Walker Weber Wolff Yamamoto Zielinski Zimmermann
`)

// usual is how many people the demo has unless it is asked for more. They have the
// same names in every demo.
const usual = 60

// nameOf returns the name of the n-th person: another one for each, among the more
// than ten thousand that the lists give, and with two family names after that.
func nameOf(n int) string {
	if n < usual {
		return givenNames[n*7%len(givenNames)] + " " + familyNames[n*11%len(familyNames)]
	}
	n -= usual
	name := moreGivenNames[n*7%len(moreGivenNames)] + " " + moreFamilyNames[n*11%len(moreFamilyNames)]
	if again := n / (len(moreGivenNames) * len(moreFamilyNames)); again > 0 {
		name += "-" + familyNames[again%len(familyNames)]
	}
	return name
}

// hostileName is what a careless directory import may contain.
const hostileName = `"><img src=x onerror=alert(1)>`

// teams are the departments of the demo organization, with their division and
// their titles, most senior first.
var teams = []struct {
	department, division string
	titles               []string
}{
	{"Billing", "Home", []string{"Team Lead", "Billing Specialist", "Billing Agent"}},
	{"Claims", "Insurance", []string{"Team Lead", "Senior Claims Agent", "Claims Agent"}},
	{"Technical Support", "Home", []string{"Team Lead", "Support Engineer", "Support Agent"}},
	{"Retention", "Sales", []string{"Team Lead", "Retention Agent"}},
	{"Night Desk", "Emergency", []string{"Shift Lead", "Emergency Operator"}},
	{"Sales", "Sales", []string{"Team Lead", "Sales Agent", "Sales Trainee"}},
	{"Quality", "Home", []string{"Quality Lead", "Quality Evaluator"}},
}

var plain = strings.NewReplacer(
	"á", "a", "ë", "e", "é", "e", "ě", "e", "í", "i", "ı", "i", "ł", "l", "ö", "o", "ø", "o", "ř", "r",
	"š", "s", "ć", "c", "ü", "u", "'", "", " ", ".",
)

// mailbox turns a name into the local part of an email address.
func mailbox(name string) string { return plain.Replace(strings.ToLower(name)) }
