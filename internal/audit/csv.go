package audit

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"
)

// A column of the CSV export.
type column struct {
	name string
	of   func(e *Entry) string
}

var csvColumns = []column{
	{"seq", func(e *Entry) string { return strconv.FormatInt(e.Seq, 10) }},
	{"at", func(e *Entry) string { return told(e.At) }},
	{"action", func(e *Entry) string { return string(e.Action) }},
	{"outcome", func(e *Entry) string { return string(e.Outcome) }},
	{"open", func(e *Entry) string { return strconv.FormatBool(e.Open) }},
	{"actor_id", func(e *Entry) string { return e.Actor.ID }},
	{"actor_name", func(e *Entry) string { return e.Actor.Name }},
	{"actor_email", func(e *Entry) string { return e.Actor.Email }},
	{"organization_id", func(e *Entry) string { return e.Organization.ID }},
	{"organization_name", func(e *Entry) string { return e.Organization.Name }},
	{"region", func(e *Entry) string { return e.Region }},
	{"subject_id", func(e *Entry) string { return e.Subject.ID }},
	{"subject_name", func(e *Entry) string { return e.Subject.Name }},
	{"subject_email", func(e *Entry) string { return e.Subject.Email }},
	{"reason", func(e *Entry) string { return e.Reason }},
	{"ticket", func(e *Entry) string { return e.Ticket }},
	{"token", func(e *Entry) string { return e.Token }},
	{"token_region", func(e *Entry) string { return e.TokenRegion }},
	{"token_organization_id", func(e *Entry) string { return e.TokenOrganization.ID }},
	{"token_organization_name", func(e *Entry) string { return e.TokenOrganization.Name }},
	{"change_from", func(e *Entry) string { return e.Change.From }},
	{"change_to", func(e *Entry) string { return e.Change.To }},
	{"problem", func(e *Entry) string { return e.Problem }},
	{"permission", func(e *Entry) string { return e.Permission }},
	{"count", func(e *Entry) string { return number(e.Count) }},
	{"query", func(e *Entry) string { return e.Query }},
	{"token_issued_before", func(e *Entry) string { return told(e.Evidence.TokenIssuedBefore) }},
	{"token_issued_after", func(e *Entry) string { return told(e.Evidence.TokenIssuedAfter) }},
	{"read_at", func(e *Entry) string { return told(e.Evidence.ReadAt) }},
	{"pruned_through", func(e *Entry) string { return number(e.Pruned.Through) }},
	{"pruned_before", func(e *Entry) string { return told(e.Pruned.Before) }},
	{"closes", func(e *Entry) string { return number(e.Closes) }},
	{"about", func(e *Entry) string { return number(e.About) }},
	{"batch", func(e *Entry) string { return e.Batch }},
	{"approval", func(e *Entry) string { return number(e.Approval) }},
	{"platform_status", func(e *Entry) string { return number(int64(e.PlatformStatus)) }},
	{"correlation_id", func(e *Entry) string { return e.CorrelationID }},
	{"request_id", func(e *Entry) string { return e.RequestID }},
	{"address", func(e *Entry) string { return e.Address }},
	{"plan", func(e *Entry) string { return e.Plan }},
	{"done", func(e *Entry) string { return number(int64(e.Tally.Done)) }},
	{"failed", func(e *Entry) string { return number(int64(e.Tally.Failed)) }},
	{"unknown", func(e *Entry) string { return number(int64(e.Tally.Unknown)) }},
	{"skipped", func(e *Entry) string { return number(int64(e.Tally.Skipped)) }},
	{"client_id", func(e *Entry) string { return e.Client.ID }},
	{"client_name", func(e *Entry) string { return e.Client.Name }},
	{"playbook", func(e *Entry) string { return e.Playbook }},
	{"steps", func(e *Entry) string { return e.Steps }},
	{"within", func(e *Entry) string { return number(e.Within) }},
}

// number is "" for 0, which stands for none.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// WriteCSV streams what f shows to w as CSV (RFC 4180, UTF-8, a header line, every field quoted) and returns how many
// entries that were. They are those of the acts that the record's page shows, in the order of Each: by an outcome, acts
// that ended so, each with the entry that asked, the outcome and the evidence. After an error w holds a part: a server must then break the connection off, or
// the part would pass for the whole.
//
// No program that opens the file takes a value for a formula, whichever separator it believes in: see harmless.
func (l *Log) WriteCSV(ctx context.Context, w io.Writer, f Filter) (n int64, err error) {
	b := bufio.NewWriterSize(w, 32<<10)
	for i, c := range csvColumns {
		writeField(b, i, c.name)
	}
	_, _ = b.WriteString("\r\n")
	values := make([]string, len(csvColumns))
	err = l.Each(ctx, f, func(e Entry) error {
		for i, c := range csvColumns {
			values[i] = c.of(&e)
		}
		n++
		return WriteCSVLine(b, values...)
	})
	if err != nil {
		return n, err
	}
	return n, b.Flush()
}

// WriteCSVLine writes a line of CSV as WriteCSV does: nothing happens by any of its values. An error of w shows at the
// latest when b is flushed.
func WriteCSVLine(b *bufio.Writer, values ...string) error {
	for i, v := range values {
		writeField(b, i, harmless(v))
	}
	_, err := b.WriteString("\r\n")
	return err
}

func writeField(b *bufio.Writer, i int, field string) {
	if i > 0 {
		_ = b.WriteByte(',')
	}
	_ = b.WriteByte('"')
	_, _ = b.WriteString(strings.ReplaceAll(field, `"`, `""`))
	_ = b.WriteByte('"')
}

// harmless makes a value of a CSV file one that nothing happens by. Hidden characters, line breaks and tabs among
// them, are written as \u and four hex digits. Where a reader could see a cell begin with a formula, an apostrophe is
// put in front: at the start of the value, and after every comma, semicolon and bar in it, because a reader that goes
// by another separator than the comma splits the line there, quotes or not. Spaces and quotes before the formula do
// not count.
func harmless(field string) string {
	if plain(field) {
		return field
	}
	field = Visible(field)
	var b strings.Builder
	start := true // a cell may begin here
	for i, r := range field {
		if start && startsFormula(field[i:]) {
			b.WriteByte('\'')
		}
		start = strings.ContainsRune(",;|", r)
		b.WriteRune(r)
	}
	return b.String()
}

// plain reports whether field can be told at a glance to be harmless, as most are: nothing in it is hidden or separates
// cells, and it begins with a letter or a digit.
func plain(field string) bool {
	for i := range len(field) {
		switch b := field[i]; {
		case b < ' ', b > '~', b == ',', b == ';', b == '|':
			return false
		case i == 0 && !('0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'):
			return false
		}
	}
	return true
}

// startsFormula reports whether spreadsheets act on a cell that begins so; full-width signs count too.
func startsFormula(s string) bool {
	s = strings.TrimLeft(s, " \u00A0\u3000\"'")
	return strings.IndexAny(s, "=+-@＝＋－＠") == 0
}
