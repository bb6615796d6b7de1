package config

import (
	"fmt"
	"strconv"
	"strings"

	"tokenconsole/internal/genesys"
)

// maxApprovalOver is the most people that a batch can have.
const maxApprovalOver = 10_000

// approvalOver reads a number of people, or off, which is 0. A second person for every batch is "over 1": one person
// alone is revoked on their own page.
func (p *problems) approvalOver(name, text string) int {
	if text == "off" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxApprovalOver {
		p.add(fmt.Sprintf("%s is %q: give a number from 1 to %d, or off", name, text, maxApprovalOver))
	}
	return n
}

// people reads ids and emails.
func (p *problems) people(name, text string) []string {
	var people []string
	for item := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		item = strings.ToLower(item)
		if _, err := genesys.ParseUserID(item); err != nil && !isEmail(item) {
			p.add(fmt.Sprintf("%s has %q: give ids or email addresses of people, separated by commas", name, item))
			continue
		}
		people = append(people, item)
	}
	return people
}

// isEmail reports whether text has the shape of an email address.
func isEmail(text string) bool {
	box, host, ok := strings.Cut(text, "@")
	return ok && box != "" && strings.Trim(host, ".") != "" && !strings.Contains(host, "@")
}
