package audit

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// timeLayout is ISO 8601 with milliseconds; every time of the record is UTC.
const timeLayout = "2006-01-02T15:04:05.000Z"

var csvHeader = []string{
	"seq", "at", "action", "outcome", "actor_id", "actor_name", "actor_email", "organization_id", "organization_name", "region",
	"subject_id", "subject_name", "subject_email", "reason", "ticket", "detail", "platform_status", "correlation_id",
	"request_id", "client_address", "asks", "open", "previous", "hash",
}

// WriteCSV streams what f shows to w as CSV (RFC 4180, with a header line, UTF-8), newest first. A value that a spreadsheet
// would run as a formula gets an apostrophe in front. After an error w holds a part: a server must then break the
// connection off, or the part would pass for the whole.
func (l *Log) WriteCSV(ctx context.Context, w io.Writer, f Filter) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(csvHeader); err != nil {
		return err
	}
	err := l.Each(ctx, f, func(e Entry) error { return c.Write(csvRecord(e)) })
	if err != nil {
		return err
	}
	c.Flush()
	return c.Error()
}

func csvRecord(e Entry) []string {
	record := []string{
		strconv.FormatInt(e.Seq, 10), e.At.Format(timeLayout), string(e.Action), string(e.Outcome),
		e.Actor.ID, e.Actor.Name, e.Actor.Email, e.OrganizationID, e.OrganizationName, e.Region,
		e.Subject.ID, e.Subject.Name, e.Subject.Email, e.Reason, e.Ticket, e.Detail, strconv.Itoa(e.PlatformStatus),
		e.CorrelationID, e.RequestID, e.ClientAddress, strconv.FormatInt(e.Asks, 10), strconv.FormatBool(e.Open),
		e.Previous, e.Hash,
	}
	for i, field := range record {
		record[i] = unformula(field)
	}
	return record
}

// unformula defuses the beginnings that spreadsheets act on, per OWASP's page on CSV injection: full-width signs too.
func unformula(field string) string {
	trimmed := strings.TrimLeft(field, " \u00A0\uFEFF")
	if strings.IndexAny(trimmed, "=+-@\t\r\n＝＋－＠") == 0 {
		return "'" + field
	}
	return field
}

// WriteJSON streams what f shows to w as a JSON array, newest first, an entry on each line. After an error the array lacks
// its end, so that no reader takes the part for the whole.
func (l *Log) WriteJSON(ctx context.Context, w io.Writer, f Filter) error {
	separator := "[\n"
	err := l.Each(ctx, f, func(e Entry) error {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, separator+string(line))
		separator = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	end := "\n]\n"
	if separator == "[\n" {
		end = "[]\n"
	}
	_, err = io.WriteString(w, end)
	return err
}

// MarshalJSON writes the names of the CSV columns, with people and the organization as objects.
func (e Entry) MarshalJSON() ([]byte, error) {
	type organization struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	return json.Marshal(struct {
		Seq            int64        `json:"seq"`
		At             string       `json:"at"`
		Action         Action       `json:"action"`
		Outcome        Outcome      `json:"outcome"`
		Actor          Party        `json:"actor"`
		Organization   organization `json:"organization"`
		Region         string       `json:"region"`
		Subject        Party        `json:"subject"`
		Reason         string       `json:"reason"`
		Ticket         string       `json:"ticket"`
		Detail         string       `json:"detail"`
		PlatformStatus int          `json:"platform_status"`
		CorrelationID  string       `json:"correlation_id"`
		RequestID      string       `json:"request_id"`
		ClientAddress  string       `json:"client_address"`
		Asks           int64        `json:"asks"`
		Open           bool         `json:"open"`
		Previous       string       `json:"previous"`
		Hash           string       `json:"hash"`
	}{
		e.Seq, e.At.Format(timeLayout), e.Action, e.Outcome, e.Actor, organization{e.OrganizationID, e.OrganizationName},
		e.Region, e.Subject, e.Reason, e.Ticket, e.Detail, e.PlatformStatus, e.CorrelationID, e.RequestID, e.ClientAddress,
		e.Asks, e.Open, e.Previous, e.Hash,
	})
}
