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
