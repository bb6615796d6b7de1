package batch

import (
	"encoding/csv"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tokenconsole/internal/genesys"
)

// Line is a row of a pasted list: whom it names, by an id, an email address or a name.
type Line struct {
	Number int    // in the list, from 1
	Input  string // as it stood there
	ID     genesys.UserID
	Email  string   // "" where there is an id
	Names  []string // spellings of one name, where there is neither
}

// ErrNotText says that a list is no text: a spreadsheet itself, perhaps, instead of what it exports.
var ErrNotText = errors.New("the list is not text in UTF-8")

// ReadList reads a pasted list: an id, an email address or a name on each line, or CSV with commas, semicolons or tabs,
// with or without a header. Empty lines are no rows. ErrTooMany: more than MaxPeople rows.
func ReadList(text string) ([]Line, error) {
	text = strings.TrimPrefix(text, "\uFEFF")
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, ErrNotText
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n").Replace(text)
	var lines []Line
	var named columns
	first := true
	number := 0
	for row := range strings.SplitSeq(text, "\n") {
		number++
		if strings.TrimFunc(row, isBlank) == "" {
			continue
		}
		cells := cellsOf(row)
		if first {
			first = false
			if named = header(cells); named != nil {
				continue
			}
		}
		for _, line := range named.read(cells[:min(len(cells), MaxPeople+1)]) {
			line.Number, line.Input = number, strings.TrimSpace(row)
			lines = append(lines, line.sought())
		}
		if len(lines) > MaxPeople {
			return nil, ErrTooMany
		}
	}
	return lines, nil
}

// maxSought is how many bytes of a name or an address are looked for: the platform refuses a search for much more, and with
// it the whole list.
const maxSought = 320

// sought is l without what is too long to be anybody's.
func (l Line) sought() Line {
	l.Names = slices.DeleteFunc(l.Names, func(name string) bool { return len(name) > maxSought })
	if len(l.Email) > maxSought {
		l.Email = ""
	}
	return l
}

// isBlank reports whether r names nobody: white space, and what stands between cells or around them.
func isBlank(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,;"`, r) }

// cellsOf splits a row of CSV. A row that is broken CSV is one cell.
func cellsOf(row string) []string {
	r := csv.NewReader(strings.NewReader(row))
	r.LazyQuotes = true
	switch {
	case strings.Contains(row, "\t"):
		r.Comma = '\t'
	case strings.Contains(row, ";"):
		r.Comma = ';'
	}
	cells, err := r.Read()
	if err != nil {
		cells = []string{row}
	}
	for i, c := range cells {
		cells[i] = strings.Join(strings.Fields(c), " ")
	}
	return cells
}

// What a column of a list can be about.
const (
	idColumn     = "id"
	emailColumn  = "email"
	nameColumn   = "name"
	givenColumn  = "given"
	familyColumn = "family"
)

// headings are the headings that directories and spreadsheets give to columns, without spaces and signs.
var headings = map[string]string{
	"id": idColumn, "userid": idColumn, "uuid": idColumn, "guid": idColumn, "agentid": idColumn,
	"email": emailColumn, "mail": emailColumn, "emailaddress": emailColumn, "username": emailColumn, "login": emailColumn,
	"user": emailColumn, "userprincipalname": emailColumn,
	"name": nameColumn, "fullname": nameColumn, "displayname": nameColumn, "agent": nameColumn, "agentname": nameColumn,
	"firstname": givenColumn, "givenname": givenColumn, "first": givenColumn,
	"lastname": familyColumn, "familyname": familyColumn, "surname": familyColumn, "last": familyColumn,
}

// columns say what each column of a list with a header is about. Nil is a list without one.
type columns []string

// mostColumns is how many columns a list with a header may have. A longer first row names people.
const mostColumns = 500

// inHeadings is left out of headings before they are compared.
var inHeadings = strings.NewReplacer(" ", "", "-", "", "_", "", ".", "")

// header returns the columns that cells head, or nil if they are no header: who is named there is no heading.
func header(cells []string) columns {
	if len(cells) > mostColumns {
		return nil
	}
	named := make(columns, len(cells))
	known := false
	for i, c := range cells {
		if emailAddress.MatchString(c) || userID.MatchString(c) {
			return nil
		}
		named[i] = headings[inHeadings.Replace(strings.ToLower(c))]
		known = known || named[i] != ""
	}
	if !known {
		return nil
	}
	return named
}

var (
	emailAddress = regexp.MustCompile(`[^\s<>"'(),;:@]+@[^\s<>"'(),;:@]+`)
	userID       = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
)

// read says whom a row names: several people if a row without header is nothing but their ids and addresses. An id goes
// before an address, and an address before a name. In a list with a header only the columns that are headed so count: an
// address may be that of somebody's manager.
func (c columns) read(cells []string) []Line {
	if c != nil {
		return []Line{c.readHeaded(cells)}
	}
	cells = slices.DeleteFunc(slices.Clone(cells), func(cell string) bool { return cell == "" })
	var named []Line
	bare := true // every cell names somebody
	for _, cell := range cells {
		found := addressed(cell)
		bare = bare && len(found) > 0
		named = append(named, found...)
	}
	ids := slices.DeleteFunc(slices.Clone(named), func(l Line) bool { return l.ID.IsZero() })
	switch {
	case len(named) == 0:
		return []Line{{Names: nameIn(cells)}}
	case len(ids) == 1:
		return ids
	case len(named) == 1 || bare:
		return named
	}
	return []Line{{}} // several, and which one is meant nobody can tell
}

// addressed returns whom a cell names by id or address.
func addressed(cell string) []Line {
	var named []Line
	for _, id := range userID.FindAllString(cell, -1) {
		if id, err := genesys.ParseUserID(strings.ToLower(id)); err == nil {
			named = append(named, Line{ID: id})
		}
	}
	for _, email := range emailAddress.FindAllString(cell, -1) {
		named = append(named, Line{Email: strings.ToLower(strings.TrimRight(email, "."))})
	}
	return named
}

func (c columns) readHeaded(cells []string) Line {
	at := func(column string) string {
		if i := slices.Index(c, column); i >= 0 && i < len(cells) {
			return cells[i]
		}
		return ""
	}
	for _, column := range []string{idColumn, emailColumn} {
		if named := addressed(at(column)); len(named) == 1 {
			return named[0]
		}
	}
	if name := at(nameColumn); name != "" {
		return Line{Names: nameIn(cellsOf(name))}
	}
	if name := strings.TrimSpace(at(givenColumn) + " " + at(familyColumn)); name != "" {
		return Line{Names: []string{name}}
	}
	return Line{}
}

// nameIn returns the name that cells are, in the spellings that it may have: people write "Park, Ada", too.
func nameIn(cells []string) []string {
	if len(cells) == 2 {
		return []string{cells[0] + " " + cells[1], cells[1] + " " + cells[0]}
	}
	return []string{strings.Join(cells, " ")}
}
