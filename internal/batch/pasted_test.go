package batch_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/batch"
)

const (
	idOne = "5a8f3c1e-1111-4222-8333-944455556666"
	idTwo = "5a8f3c1e-1111-4222-8333-944455557777"
)

// said is line as a row of these tests: its number and whom it names.
func said(lines []batch.Line) []string {
	var all []string
	for _, l := range lines {
		names := strings.Join(l.Names, "|")
		all = append(all, strings.Join([]string{string(rune('0' + l.Number)), l.ID.String(), l.Email, names}, "/"))
	}
	return all
}

func TestReadList(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                            {" \n\t\n", nil},
		"ids, in any case":                   {strings.ToUpper(idOne) + "\r\n" + idTwo, []string{"1/" + idOne + "//", "2/" + idTwo + "//"}},
		"addresses":                          {"Ada@Demo.example\n\n<bo@demo.example>", []string{"1//ada@demo.example/", "3//bo@demo.example/"}},
		"names":                              {"Ada Park\n  Jun   Zhang ", []string{"1///Ada Park", "2///Jun Zhang"}},
		"family name first":                  {"Park, Ada", []string{"1///Park Ada|Ada Park"}},
		"CSV without header":                 {"Ada Park,ada@demo.example,Billing", []string{"1//ada@demo.example/"}},
		"CSV with an id":                     {"ada@demo.example;" + idOne, []string{"1/" + idOne + "//"}},
		"quoted cells":                       {`"Park, Ada","ada@demo.example"`, []string{"1//ada@demo.example/"}},
		"broken quotes":                      {`"Ada" Park"`, []string{`1///Ada" Park`}},
		"a line of addresses":                {"ada@demo.example; Bo Li <bo@demo.example>", []string{"1//ada@demo.example/", "1//bo@demo.example/"}},
		"several, and something else":        {"Ada Park,ada@demo.example,boss@demo.example", []string{"1///"}},
		"a header":                           {"Name,E-Mail,Manager Email\nAda,ada@demo.example,boss@demo.example", []string{"2//ada@demo.example/"}},
		"a header, and only a manager's":     {"Name,Manager Email\nAda Park,boss@demo.example", []string{"2///Ada Park"}},
		"a header with tabs":                 {"User ID\tEmail\n\tada@demo.example\n" + idTwo + "\tbo@demo.example", []string{"2//ada@demo.example/", "3/" + idTwo + "//"}},
		"first and last name":                {"Last name;First_Name\nPark;Ada", []string{"2///Ada Park"}},
		"a header, and a row that is short":  {"Name,Email\nAda Park", []string{"2///Ada Park"}},
		"a header of one column":             {"email\nada@demo.example", []string{"2//ada@demo.example/"}},
		"headings that nobody knows":         {"Foo,Bar\nada@demo.example,x", []string{"1///Foo Bar|Bar Foo", "2//ada@demo.example/"}},
		"a byte order mark":                  {"\uFEFFemail\nada@demo.example", []string{"2//ada@demo.example/"}},
		"a row with nothing about a person":  {"Name,Email\n-,", []string{"2///-"}},
		"too long for a name":                {strings.Repeat("Ada ", 100), []string{"1///"}},
		"too long for an address":            {strings.Repeat("a", 400) + "@demo.example", []string{"1///"}},
		"as long as a name may be":           {strings.Repeat("a", 320), []string{"1///" + strings.Repeat("a", 320)}},
		"one character more":                 {strings.Repeat("a", 321), []string{"1///"}},
		"as long as an address may be":       {strings.Repeat("a", 307) + "@demo.example", []string{"1//" + strings.Repeat("a", 307) + "@demo.example/"}},
		"one character more of that":         {strings.Repeat("a", 308) + "@demo.example", []string{"1///"}},
		"two ids, and something else":        {"Ada," + idOne + "," + idTwo, []string{"1///"}},
		"an address between empty cells":     {",,bo@demo.example,", []string{"1//bo@demo.example/"}},
		"two addresses in one cell":          {"bo@demo.example cy@demo.example", []string{"1//bo@demo.example/", "1//cy@demo.example/"}},
		"two addresses under a heading":      {"Name,Email\nAda Park,bo@demo.example cy@demo.example", []string{"2///Ada Park"}},
		"a header of which nothing is known": {"Email,Foo\n,x", []string{"2///"}},
		"a given name alone":                 {"First name,Last name\nAda,", []string{"2///Ada"}},
		"three words in three cells":         {"Ada,B.,Park", []string{"1///Ada B. Park"}},
		"a formula is a name, and not found": {"=HYPERLINK(1)", []string{"1///=HYPERLINK(1)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, err := batch.ReadList(test.text)
			if d := cmp.Diff(test.want, said(lines)); d != "" || err != nil {
				t.Errorf("%v, -want +got:\n%s", err, d)
			}
		})
	}
}

func TestReadListRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"a row too many":       {strings.Repeat("a@b\n", batch.MaxPeople+1), batch.ErrTooMany},
		"as many as there may": {strings.Repeat("a@b\n", batch.MaxPeople), nil},
		"a spreadsheet":        {"PK\x03\x04\x00\x00", batch.ErrNotText},
		"another encoding":     {"J\xfcrgen", batch.ErrNotText},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := batch.ReadList(test.text); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

// Up to 500 columns a first row can be a header.
func TestALongHeader(t *testing.T) {
	t.Parallel()
	for columns, want := range map[int]int{500: 1, 501: 2} {
		lines, err := batch.ReadList("Email" + strings.Repeat(",a", columns-1) + "\nb@c.example")
		if err != nil || len(lines) != want || lines[len(lines)-1].Email != "b@c.example" {
			t.Errorf("%d columns: %d lines, %v", columns, len(lines), err)
		}
	}
}

// A first row of very many cells is no header, and costs no more than others.
func TestAFirstRowOfManyCells(t *testing.T) {
	t.Parallel()
	lines, err := batch.ReadList("Email," + strings.Repeat("a,", 600) + "\nb@c.example")
	if err != nil || len(lines) != 2 || lines[1].Email != "b@c.example" {
		t.Errorf("%v, %+v", err, lines)
	}
}

func BenchmarkReadList(b *testing.B) {
	row := strings.Repeat("a,", 990_000)
	for b.Loop() {
		if _, err := batch.ReadList(row); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzReadList holds that no list is too odd to be read or refused, and that every row says where it stood.
func FuzzReadList(f *testing.F) {
	for _, text := range []string{"", "a@b", "\"", "Name,Email\n,", idOne, "a;b\tc,d", "\uFEFF\r\r\n", "\v", "\f;\u3000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := batch.ReadList(text)
		if err != nil && !errors.Is(err, batch.ErrNotText) && !errors.Is(err, batch.ErrTooMany) {
			t.Error(err)
		}
		for _, l := range lines {
			if l.Number < 1 || l.Input == "" || l.Email != "" && !strings.Contains(l.Email, "@") {
				t.Errorf("%+v", l)
			}
		}
	})
}
