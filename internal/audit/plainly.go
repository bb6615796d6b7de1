package audit

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plainly is a text with its letters and digits written plainly, to look for tokens in it. What is seen as an ASCII
// character is one: full-width and mathematical letters, characters as addresses, pages and programs write them (%68,
// &#104;, \u0068). What is not seen at all is left out.
type plainly struct {
	text     string
	from, to []int // where each byte of it stands in the text as it was written; nil if that is the same
}

// A cell is a character, with its place in the text as it was written.
type cell struct {
	r        rune
	from, to int
}

// mostEscapes is how often a character may be escaped again.
const mostEscapes = 3

func spell(s string) plainly {
	if ascii(s) && !strings.ContainsAny(s, `%&\`) {
		return plainly{text: s}
	}
	cells := plainCells(s)
	for range mostEscapes {
		fewer := unescaped(cells)
		if len(fewer) == len(cells) {
			break
		}
		cells = fewer
	}
	var b strings.Builder
	var p plainly
	for _, c := range cells {
		n := b.Len()
		if c.r == utf8.RuneError {
			b.WriteByte(' ') // a byte that is no character breaks a token as a space does
		} else {
			b.WriteRune(c.r)
		}
		for range b.Len() - n {
			p.from, p.to = append(p.from, c.from), append(p.to, c.to)
		}
	}
	p.text = b.String()
	return p
}

// written is the part of the text as it was written that a stretch of it stands for.
func (p plainly) written(t stretch) stretch {
	if p.from == nil {
		return t
	}
	return stretch{p.from[t.start], p.to[t.end-1]}
}

// plainCells are the characters of s without those that nobody sees, and in ASCII where they are variants of it.
func plainCells(s string) []cell {
	cells := make([]cell, 0, len(s))
	for i, r := range s {
		end := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size := utf8.DecodeRuneInString(s[i:])
			end = i + size
		}
		if r < utf8.RuneSelf {
			cells = append(cells, cell{r, i, end})
			continue
		}
		if unseen(r) {
			continue
		}
		if plain := norm.NFKC.String(string(r)); ascii(plain) {
			for _, r := range plain {
				cells = append(cells, cell{r, i, end})
			}
			continue
		}
		cells = append(cells, cell{r, i, end})
	}
	return cells
}

// unseen reports whether r takes no room of its own: joiners, marks on the letter before, and letters that are blank.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me) || strings.ContainsRune("\u115f\u1160\u2800\u3164\uffa0", r)
}

// escapes are the ways to write a character by its number: how each begins, how many digits it has, in what base, and
// how it ends.
var escapes = []struct {
	begin       string
	least, most int
	base        int
	end         string
}{
	{"%", 2, 2, 16, ""}, {`\u`, 4, 4, 16, ""}, {`\x`, 2, 2, 16, ""},
	{"&#x", 1, 6, 16, ";"}, {"&#X", 1, 6, 16, ";"}, {"&#", 1, 7, 10, ";"},
}

// unescaped are cells with one character for each in ASCII that is written by its number.
func unescaped(cells []cell) []cell {
	plain := make([]cell, 0, len(cells))
	for i := 0; i < len(cells); {
		r, length := escapeAt(cells[i:])
		if length == 0 {
			r, length = cells[i].r, 1
		}
		plain = append(plain, cell{r, cells[i].from, cells[i+length-1].to})
		i += length
	}
	return plain
}

// escapeAt is the character that cells begin with, if it is written by its number, and how many cells that takes.
func escapeAt(cells []cell) (rune, int) {
	if c := cells[0].r; c != '%' && c != '\\' && c != '&' {
		return 0, 0
	}
	for _, e := range escapes {
		if !begins(cells, e.begin) {
			continue
		}
		digits, at := "", len(e.begin)
		for at < len(cells) && len(digits) < e.most && strings.ContainsRune(hexDigits, cells[at].r) {
			digits, at = digits+string(cells[at].r), at+1
		}
		n, err := strconv.ParseUint(digits, e.base, 32)
		if err != nil || len(digits) < e.least || !begins(cells[at:], e.end) {
			continue
		}
		if n >= ' ' && n <= '~' && n != '[' && n != ']' { // brackets stand around what was removed
			return rune(n), at + len(e.end)
		}
	}
	return 0, 0
}

func begins(cells []cell, with string) bool {
	if len(cells) < len(with) {
		return false
	}
	for i := range len(with) {
		if cells[i].r != rune(with[i]) {
			return false
		}
	}
	return true
}

const (
	// leastSpelled is how many pieces of a character or two in a row may be a token that somebody spelled out.
	leastSpelled = 12
	// leastVariety is how many different characters they then have at least.
	leastVariety = 12
)

// together joins pieces of a run that are a character or two each, if there are many and they differ: a token that was
// spelled out.
func together(text string, run []piece) []piece {
	var joined []piece
	for i := 0; i < len(run); {
		end := i
		for end < len(run) && run[end].end-run[end].start <= longestInitials {
			end++
		}
		if whole, ok := spelledOut(text, run[i:end]); ok {
			joined = append(joined, whole)
			i = end
			continue
		}
		end = max(end, i+1)
		joined = append(joined, run[i:end]...)
		i = end
	}
	return joined
}

func spelledOut(text string, pieces []piece) (piece, bool) {
	if len(pieces) < leastSpelled {
		return piece{}, false
	}
	var b strings.Builder
	seen := map[byte]bool{}
	for _, p := range pieces {
		for i := p.start; i < p.end; i++ {
			seen[text[i]] = true
			b.WriteByte(text[i])
		}
	}
	whole, _ := nextPiece(b.String(), 0)
	whole.size = b.Len()
	whole.start, whole.end = pieces[0].start, pieces[len(pieces)-1].end
	return whole, len(seen) >= leastVariety
}
