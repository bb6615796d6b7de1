package audit

import (
	"regexp"
	"strings"
	"unicode"
)

const (
	// shortestToken is how many characters make a token; the platform's have more than twice as many.
	shortestToken = 36
	// shortestCapitals is the same for what has no small letter: lists of inventory numbers look like that, too.
	shortestCapitals = 48
	// ordinary is how many odd pairs a character of a text can have before it looks like chance: words have next to none,
	// random characters one in two.
	ordinary = 0.2
	// chance is by how many odd pairs a stretch must exceed that.
	chance = 4
)

const removed = "[removed: looks like a token]"

var uuid = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)

// Redact takes out of a text what looks like an access token, also one that was broken by spaces, lines or other signs, or
// that has no capitals or no small letters, and however its characters are spelled. It looks for stretches that look like
// chance. UUIDs are spared, and so are lists of numbers that are all built alike, such as those of an inventory.
func Redact(s string) string {
	var b strings.Builder
	from, plain := 0, spell(s)
	for _, run := range runs(plain.text) {
		for _, t := range tokens(together(plain.text, run)) {
			t = plain.written(t)
			b.WriteString(s[from:t.start])
			b.WriteString(removed)
			from = t.end
		}
	}
	b.WriteString(s[from:])
	return b.String()
}

// A stretch is a part of a text.
type stretch struct{ start, end int }

// tokens are the stretches of a run that look like tokens, in order.
func tokens(run []piece) []stretch {
	first, last, ok := likeliest(run)
	if !ok {
		return nil
	}
	found := append(tokens(run[:first]), stretch{run[first].start, run[last].end})
	return append(found, tokens(run[last+1:])...)
}

// A piece of a text is characters that a token may have, without anything else between them.
type piece struct {
	start, end int
	size       int // in bytes, without what stands between them where it was spelled out
	chars      int
	odd        int // pairs that words do not have
	small      bool
	shape      string // the classes of its characters
}

// surplus is by how much a piece looks like chance; below zero it looks like words.
func (p piece) surplus() float64 { return float64(p.odd) - ordinary*float64(p.chars) }

// runs are the pieces of a text, together where only what breaks a token stands between them.
func runs(s string) (all [][]piece) {
	spared := uuid.FindAllStringIndex(s, -1)
	joined := false
	for i := 0; i < len(s); {
		if len(spared) > 0 && i == spared[0][0] {
			i, spared, joined = spared[0][1], spared[1:], false
			continue
		}
		end := len(s)
		if len(spared) > 0 {
			end = spared[0][0]
		}
		p, next := nextPiece(s[:end], i)
		switch {
		case p.chars == 0: // nothing but what stands between
		case joined:
			all[len(all)-1] = append(all[len(all)-1], p)
		default:
			all = append(all, []piece{p})
			joined = true
		}
		for next < end && !ofToken(s[next]) {
			r := []rune(s[next:min(end, next+4)])[0]
			if !breaksToken(r) {
				joined = false
			}
			next += max(1, len(string(r)))
			if r == '%' && next+2 <= end && isHex(s[next]) && isHex(s[next+1]) {
				next += 2 // a character as addresses write it
			}
		}
		i = min(next, end)
	}
	return all
}

// nextPiece is the piece that begins at i, if one does, and where it ends.
func nextPiece(s string, i int) (p piece, end int) {
	p.start, p.end = i, i
	var shape []byte
	for ; p.end < len(s) && ofToken(s[p.end]); p.end++ {
		c := class(s[p.end])
		shape = append(shape, c)
		if c == 0 {
			continue
		}
		p.chars++
		p.small = p.small || c == 'a'
		if p.end > i && isOdd(s[p.end-1], s[p.end], shape) {
			p.odd++
		}
	}
	if p.chars <= longestInitials {
		p.odd = 0
	}
	p.shape, p.size = string(shape), p.end-p.start
	return p, p.end
}

// isOdd reports whether words have no a before b. Shape has their classes at its end.
func isOdd(a, b byte, shape []byte) bool {
	n := len(shape)
	before, c := shape[n-2], shape[n-1]
	switch {
	case before == 0, before == '0' && c == '0':
		return false
	case before == '0' || c == '0':
		return true
	case before == 'a' && c == 'A':
		return !strings.HasSuffix(string(shape[:n-1]), "aaa") // two words in one, as programmers write them
	case before == 'A' && c == 'a' && n > 2 && (shape[n-3] == 'A' || shape[n-3] == '0'):
		return true
	}
	return !strings.Contains(pairs[a|0x20-'a'], string(b|0x20))
}

// pairs are, for each letter, those that often come after it in words of the ten languages of Western Europe that
// most people speak there.
var pairs = [26]string{
	"abcdfghijklmnoprstuvwyz", "aeilorsuy", "acehijklortuz", "adeilnorstuz", "abcdefghijklmnpqrstuvwxz",
	"aefilortu", "aeghinorstuy", "aeilortv", "abcdefgjklmnopqrstuvz", "aeils", "aeiklorstu", "adehilnostuy",
	"abeimnopu", "acdeghiklnostuvyz", "bcdegiklmnoprstuvwz", "aeiloprtuy", "u", "acdegikmnorstuvwyz",
	"acdehiklopstuyz", "acehikoprstuyz", "abcdefgijlmnoprstvz", "aeino", "aehinory", "t", "cklmprstw",
	"aeimnouwyz",
}

// class is 'a' for a small letter, 'A' for a capital, '0' for a digit, and 0 for a sign.
func class(b byte) byte {
	switch {
	case b >= 'a' && b <= 'z':
		return 'a'
	case b >= 'A' && b <= 'Z':
		return 'A'
	case b >= '0' && b <= '9':
		return '0'
	}
	return 0
}

const hexDigits = "0123456789abcdefABCDEF"

func isHex(b byte) bool { return strings.IndexByte(hexDigits, b) >= 0 }

func ofToken(b byte) bool { return class(b) != 0 || strings.IndexByte("-_+/=~", b) >= 0 }

// breaksToken reports whether r may stand in a token that was copied: spaces, line ends, invisible characters, quotes,
// and what mail programs, chats and mark-up put there. Brackets stand around what was removed.
func breaksToken(r rune) bool {
	return unicode.IsSpace(r) || hidden(r) || unicode.In(r, unicode.P, unicode.S) && r != '[' && r != ']'
}

// likeliest finds the pieces of a run that look most like chance, and reports whether they make a token.
func likeliest(run []piece) (first, last int, ok bool) {
	best, sum, start := 0.0, 0.0, 0
	for i, p := range run {
		if sum <= 0 {
			sum, start = 0, i
		}
		if sum += p.surplus(); sum > best {
			best, first, last = sum, start, i
		}
	}
	if best < chance {
		return 0, 0, false
	}
	first, last = widen(run, first, last)
	return first, last, isToken(run[first : last+1])
}

// isToken reports whether pieces that look like chance are long enough for a token, and no list of numbers.
func isToken(pieces []piece) bool {
	chars, capitals, numbers, small := 0, 0, 0, false
	alike := map[string]int{}
	for _, p := range pieces {
		chars += p.size
		if p.chars >= shortestNumber {
			capitals += p.chars
		}
		if p.surplus() <= 0 {
			continue
		}
		small = small || p.small
		if p.chars >= shortestNumber && strings.Contains(p.shape, "0") {
			numbers++
			alike[p.shape]++
		}
	}
	if small {
		return chars >= shortestToken
	}
	listed := 0
	for _, n := range alike {
		if n > 1 {
			listed += n
		}
	}
	return capitals >= shortestCapitals && (numbers == 0 || 2*listed < numbers)
}

const (
	// longestInitials is how long a piece is, in characters, that may be anything.
	longestInitials = 2
	// shortestNumber is how long a piece of capitals is, in characters, that is no abbreviation.
	shortestNumber = 6
	// longPiece is how long a piece beside a token is, in characters, that belongs to it if it is no word.
	longPiece = 12
)

// widen takes in the pieces beside those from first to last that belong to the same token, though they look more
// ordinary: long ones that are no words, and, where a token was broken into equal pieces, those that are as long.
func widen(run []piece, first, last int) (int, int) {
	belongs := func(i int) bool {
		if i < 0 || i >= len(run) {
			return false
		}
		equal := first < last && run[i].size == run[first+1].size
		return equal || run[i].chars >= longPiece && run[i].odd > 1
	}
	for belongs(first - 1) {
		first--
	}
	for belongs(last + 1) {
		last++
	}
	return first, last
}
