package audit

import (
	"regexp"
	"strings"
	"unicode"
)

const (
	// shortestToken is how many characters make a token; the platform's have more than twice as many.
	shortestToken = 36
	// ordinary is how many changes between letters, capitals and digits a character of a text can have before it
	// looks like chance: words have next to none, random characters two in five.
	ordinary = 0.12
)

const removed = "[removed: looks like a token]"

var uuid = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)

// redact takes out of a text what looks like an access token, also one that was broken by spaces, lines or quotes, or
// that has no capitals. It looks for stretches that look like chance. UUIDs are spared, and so is what has no small
// letter, such as a list of inventory numbers.
func redact(s string) string {
	var b strings.Builder
	from := 0
	for _, run := range runs(s) {
		for len(run) > 0 {
			first, last, ok := likeliest(run)
			if !ok {
				break
			}
			b.WriteString(s[from:run[first].start])
			b.WriteString(removed)
			from = run[last].end
			run = run[last+1:]
		}
	}
	b.WriteString(s[from:])
	return b.String()
}

// A piece of a text is characters that a token may have, without anything else between them.
type piece struct {
	start, end int
	chars      int
	changes    int // between letters, capitals and digits, but for a capital before small letters, as words begin
	small      bool
}

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
		}
		i = min(next, end)
	}
	return all
}

// nextPiece is the piece that begins at i, if one does, and where it ends.
func nextPiece(s string, i int) (p piece, end int) {
	p.start, p.end = i, i
	var before, earlier byte
	for ; p.end < len(s) && ofToken(s[p.end]); p.end++ {
		c := class(s[p.end])
		if c != 0 {
			p.chars++
			p.small = p.small || c == 'a'
			wordBegins := before == 'A' && c == 'a' && earlier != 'A' && earlier != '0'
			if before != 0 && before != c && !wordBegins {
				p.changes++
			}
		}
		before, earlier = c, before
	}
	return p, p.end
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

func ofToken(b byte) bool { return class(b) != 0 || strings.IndexByte("-_+/=~", b) >= 0 }

// breaksToken reports whether r may stand in a token that was copied: spaces, line ends, quotes, invisible
// characters.
func breaksToken(r rune) bool {
	return unicode.IsSpace(r) || hidden(r) || strings.ContainsRune("\"'`\\|>", r)
}

// likeliest finds the pieces of a run that look most like chance, and reports whether they are long enough for a
// token.
func likeliest(run []piece) (first, last int, ok bool) {
	best, sum, start := 0.0, 0.0, 0
	for i, p := range run {
		if sum <= 0 {
			sum, start = 0, i
		}
		if sum += float64(p.changes) - ordinary*float64(p.chars); sum > best {
			best, first, last = sum, start, i
		}
	}
	first, last = widen(run, first, last)
	chars, small := 0, false
	for _, p := range run[first : last+1] {
		chars += p.end - p.start
		small = small || p.small
	}
	return first, last, best > 0 && chars >= shortestToken && small
}

// longPiece is how long a piece beside a token is, in characters, that belongs to it if it is no word.
const longPiece = 12

// widen takes in the pieces beside those from first to last that belong to the same token, though they look more
// ordinary: long ones that are no words, and, where a token was broken into equal pieces, those that are as long.
func widen(run []piece, first, last int) (int, int) {
	belongs := func(i int) bool {
		if i < 0 || i >= len(run) {
			return false
		}
		equal := first < last && run[i].end-run[i].start == run[first+1].end-run[first+1].start
		return equal || run[i].chars >= longPiece && run[i].changes > 1
	}
	for belongs(first - 1) {
		first--
	}
	for belongs(last + 1) {
		last++
	}
	return first, last
}
