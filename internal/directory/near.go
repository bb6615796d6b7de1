package directory

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"tokenconsole/internal/genesys"
)

// maxNear is how many near misses are offered.
const maxNear = 8

// pieces are parts of a word, some of which survive a slip of the finger: three
// letters each, two for short words.
func pieces(word string, limit int) []string {
	runes, length := []rune(Fold(word)), 3
	if len(runes) < 6 {
		length = 2
	}
	if len(runes) <= length {
		return []string{string(runes)}
	}
	var all []string
	for i := 0; i+length <= len(runes) && len(all) < limit; i++ {
		if piece := string(runes[i : i+length]); !slices.Contains(all, piece) {
			all = append(all, piece)
		}
	}
	if len(runes) == 6 { // of these, two swapped in the middle leave no piece whole
		runes[2], runes[3] = runes[3], runes[2]
		all = append(all, string(runes))
	}
	return all
}

// nearCriteria find people who share a piece with every word.
func (q Query) nearCriteria() []genesys.SearchCriterion {
	words := q.words()
	var all []genesys.SearchCriterion
	for _, word := range words {
		all = append(all, genesys.SearchCriterion{Type: "CONTAINS", Fields: searched, Values: pieces(word, maxSpellings/len(words))})
	}
	return append(all, q.filters()...)
}

// nearest are those of users whose words are about as q's, the nearest first.
func (q Query) nearest(users []genesys.User) []genesys.User {
	type near struct {
		user     genesys.User
		distance int
	}
	var all []near
	for _, u := range users {
		if d, ok := q.distance(u); ok {
			all = append(all, near{u, d})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	found := make([]genesys.User, 0, maxNear)
	for _, n := range all[:min(len(all), maxNear)] {
		found = append(found, n.user)
	}
	return found
}

// distance is how many letters the words of q are away from those of u. It
// reports false if one of them is not near any.
func (q Query) distance(u genesys.User) (sum int, ok bool) {
	known := strings.FieldsFunc(Fold(u.Name+" "+u.Email+" "+u.Department+" "+u.Title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '\''
	})
	// People leave out the space, too.
	known = append(known, strings.ReplaceAll(Fold(u.Name), " ", ""))
	for _, word := range q.words() {
		word = Fold(word)
		best := len(word)
		for _, k := range known {
			best = min(best, distance(word, k))
		}
		if best > max(1, len([]rune(word))/3) {
			return 0, false
		}
		sum += best
	}
	return sum, true
}

// distance is how many letters must be added, left out, changed or swapped with
// their neighbour to make a of b (Damerau and Levenshtein). A beginning counts
// as near, for people do not type to the end.
func distance(a, b string) int {
	if strings.HasPrefix(b, a) {
		return 0
	}
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
