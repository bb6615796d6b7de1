package directory

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// strokes are letters that Unicode does not take apart into a letter and a mark.
var strokes = strings.NewReplacer(
	"ł", "l", "ø", "o", "ı", "i", "đ", "d", "ð", "d", "þ", "th", "ß", "ss", "æ", "ae", "œ", "oe", "ħ", "h",
)

// Fold is text in lower case without accents, so that "Vásquez" and "vasquez" are
// equal.
func Fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return strokes.Replace(b.String())
}

// accented are the letters that names write for a plain one, the most frequent
// first, and the single letters for a pair.
var (
	accented = map[rune][]string{
		'a': {"á", "ä", "å", "ã", "à", "â", "ă", "ą"}, 'c': {"č", "ç", "ć"}, 'd': {"ď", "đ", "ð"},
		'e': {"é", "è", "ë", "ê", "ě", "ę"}, 'g': {"ğ"}, 'i': {"í", "ï", "ı", "î", "ì"}, 'l': {"ł", "ľ"},
		'n': {"ñ", "ń", "ň"}, 'o': {"ö", "ó", "ø", "ô", "ő", "õ", "ò"}, 'r': {"ř"}, 's': {"š", "ş", "ś", "ș"},
		't': {"ť", "ţ", "ț"}, 'u': {"ü", "ú", "ů", "ű", "û", "ù"}, 'y': {"ý", "ÿ"}, 'z': {"ž", "ź", "ż"},
	}
	pairs = map[string][]string{
		"ae": {"ä", "æ"}, "oe": {"ö", "ø", "œ"}, "ue": {"ü"}, "aa": {"å"}, "ss": {"ß"}, "th": {"þ"},
	}
	unfolded = strings.NewReplacer("ä", "ae", "ö", "oe", "ø", "oe", "ü", "ue", "å", "aa")
)

// maxSpellings is how many values the words of a search hold in all: the platform
// takes 100, and the filters need some.
const maxSpellings = 90

// spellingsOf are the spellings of each word, at most maxSpellings in all.
func spellingsOf(words []string) [][]string {
	all := make([][]string, len(words))
	for i, word := range words {
		all[i] = spellings(word, maxSpellings/len(words))
	}
	return all
}

// spellings are up to limit ways to write word, beginning with word itself and
// word without accents, then with one letter accented, then with two; the most
// frequent letters first.
func spellings(word string, limit int) []string {
	word = strings.ToLower(word)
	all := []string{word}
	add := func(s string) {
		if len(all) < limit && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	plain := Fold(word)
	add(plain)
	add(unfolded.Replace(norm.NFC.String(word)))
	changes := changesOf(plain)
	for _, c := range changes {
		add(c.in(plain))
	}
	if len(all) == limit {
		return all
	}
	for _, two := range twice(changes) {
		add(two[1].in(two[0].in(plain))) // from the end, so that places stay where they are
	}
	return all
}

// A change writes the bytes from one place to another differently.
type change struct {
	from, to int
	with     string
	rank     int // 0 for the most frequent
}

func (c change) in(word string) string { return word[:c.from] + c.with + word[c.to:] }

func changesOf(plain string) []change {
	var all []change
	for i, r := range plain {
		if i+2 <= len(plain) {
			for rank, letter := range pairs[plain[i:i+2]] {
				all = append(all, change{i, i + 2, letter, rank})
			}
		}
		for rank, letter := range accented[r] {
			all = append(all, change{i, i + 1, letter, rank})
		}
	}
	slices.SortStableFunc(all, func(a, b change) int { return cmp.Compare(a.rank, b.rank) })
	return all
}

// twice are the pairs of changes that leave each other alone, the later place
// first.
func twice(changes []change) [][2]change {
	var all [][2]change
	for _, a := range changes {
		for _, b := range changes {
			if a.from >= b.to {
				all = append(all, [2]change{a, b})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b [2]change) int { return cmp.Compare(a[0].rank+a[1].rank, b[0].rank+b[1].rank) })
	return all
}

// foldable reports whether a word could be written with or without accents.
func foldable(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return len(spellings(w, 2)) > 1 || len(changesOf(Fold(w))) > 0 })
}
