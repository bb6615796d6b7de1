package views

import "strconv"

// People counts people: "1 person", "57 people". The number is written as one types it, without a sign between digits.
func People(n int) string {
	if n == 1 {
		return "1 person"
	}
	return strconv.Itoa(n) + " people"
}

// Others is how many besides somebody: "1 other", "12 others".
func Others(n int) string {
	if n == 1 {
		return "1 other"
	}
	return strconv.Itoa(n) + " others"
}

// Number writes a number that nobody types, with commas: "1,234,567".
func Number(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
