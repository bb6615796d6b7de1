package views

import "strconv"

// TallyPart is a part of a bar: how many people something holds of.
type TallyPart struct {
	Kind  string // done, failed, unknown, skipped, asked, waiting
	Label string // "revoked"
	Count int
}

// tallyWidth is how wide a bar is in its own units.
const tallyWidth = 1000

// segment is a part of a bar as it is drawn.
type segment struct{ Kind, X, Width string }

// segments lays the parts of a bar side by side. A part that is not empty can be seen, however small it is.
func segments(parts []TallyPart) []segment {
	total := 0
	for _, p := range parts {
		total += p.Count
	}
	var drawn []segment
	at := 0
	for i, p := range parts {
		if p.Count == 0 {
			continue
		}
		width := max(p.Count*tallyWidth/total, 4)
		if i == len(parts)-1 || at+width > tallyWidth {
			width = max(tallyWidth-at, 0)
		}
		drawn = append(drawn, segment{p.Kind, strconv.Itoa(at), strconv.Itoa(width)})
		at += width
	}
	return drawn
}

// tallyText says what a bar shows: "12 revoked, 1 failed".
func tallyText(parts []TallyPart) string {
	text := ""
	for _, p := range parts {
		if p.Count > 0 {
			if text != "" {
				text += ", "
			}
			text += strconv.Itoa(p.Count) + " " + p.Label
		}
	}
	if text == "" {
		return "nobody"
	}
	return text
}
