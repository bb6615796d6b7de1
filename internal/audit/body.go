package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// timeLayout is ISO 8601 with milliseconds; every time of the record is UTC.
const timeLayout = "2006-01-02T15:04:05.000Z"

// body is an Entry as it is stored, hashed and exported: compact JSON, the fields in this order, the empty ones left
// out. Neither the names nor the order may ever change, or old entries could not be checked any more.
type body struct {
	Seq               int64        `json:"seq"`
	At                string       `json:"at"`
	Action            Action       `json:"action"`
	Outcome           Outcome      `json:"outcome"`
	Actor             Party        `json:"actor,omitzero"`
	Organization      Organization `json:"organization,omitzero"`
	Region            string       `json:"region,omitzero"`
	Subject           Party        `json:"subject,omitzero"`
	Reason            string       `json:"reason,omitzero"`
	Ticket            string       `json:"ticket,omitzero"`
	Token             string       `json:"token,omitzero"`
	TokenRegion       string       `json:"tokenRegion,omitzero"`
	TokenOrganization Organization `json:"tokenOrganization,omitzero"`
	Change            Change       `json:"change,omitzero"`
	Problem           string       `json:"problem,omitzero"`
	Permission        string       `json:"permission,omitzero"`
	Count             int64        `json:"count,omitzero"`
	Query             string       `json:"query,omitzero"`
	Evidence          evidence     `json:"evidence,omitzero"`
	Pruned            pruned       `json:"pruned,omitzero"`
	Closes            int64        `json:"closes,omitzero"`
	About             int64        `json:"about,omitzero"`
	Batch             string       `json:"batch,omitzero"`
	Approval          int64        `json:"approval,omitzero"`
	PlatformStatus    int          `json:"platformStatus,omitzero"`
	CorrelationID     string       `json:"correlationId,omitzero"`
	RequestID         string       `json:"requestId,omitzero"`
	Address           string       `json:"address,omitzero"`
	Plan              string       `json:"plan,omitzero"`
	Tally             Tally        `json:"tally,omitzero"`
	Client            Client       `json:"client,omitzero"`
	Playbook          string       `json:"playbook,omitzero"`
	Steps             string       `json:"steps,omitzero"`
	Within            int64        `json:"within,omitzero"`
}

type evidence struct {
	TokenIssuedBefore string `json:"tokenIssuedBefore,omitzero"`
	TokenIssuedAfter  string `json:"tokenIssuedAfter,omitzero"`
	ReadAt            string `json:"readAt,omitzero"`
}

type pruned struct {
	Through int64  `json:"through,omitzero"`
	Before  string `json:"before,omitzero"`
}

// bodyOf leaves out what is not part of an entry.
func bodyOf(e Entry) body {
	return body{
		Seq: e.Seq, At: e.At.UTC().Format(timeLayout), Action: e.Action, Outcome: e.Outcome, Actor: e.Actor,
		Organization: e.Organization, Region: e.Region, Subject: e.Subject, Reason: e.Reason, Ticket: e.Ticket,
		Token: e.Token, TokenRegion: e.TokenRegion, TokenOrganization: e.TokenOrganization, Change: e.Change,
		Problem: e.Problem, Permission: e.Permission, Count: e.Count, Query: e.Query,
		Evidence: evidence{
			told(e.Evidence.TokenIssuedBefore), told(e.Evidence.TokenIssuedAfter), told(e.Evidence.ReadAt),
		},
		Pruned: pruned{e.Pruned.Through, told(e.Pruned.Before)}, Closes: e.Closes, About: e.About, Batch: e.Batch,
		Approval: e.Approval, PlatformStatus: e.PlatformStatus, CorrelationID: e.CorrelationID, RequestID: e.RequestID,
		Address: e.Address, Plan: e.Plan, Tally: e.Tally, Client: e.Client, Playbook: e.Playbook, Steps: e.Steps,
		Within: e.Within,
	}
}

// told is "" for a time that was not told.
func told(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeLayout)
}

// entry is the reverse of bodyOf.
func (b body) entry() (Entry, error) {
	e := Entry{
		Seq: b.Seq, Action: b.Action, Outcome: b.Outcome, Actor: b.Actor, Organization: b.Organization, Region: b.Region,
		Subject: b.Subject, Reason: b.Reason, Ticket: b.Ticket,
		Token: b.Token, TokenRegion: b.TokenRegion, TokenOrganization: b.TokenOrganization, Change: b.Change,
		Problem: b.Problem, Permission: b.Permission, Count: b.Count, Query: b.Query,
		Pruned: Pruned{Through: b.Pruned.Through}, Closes: b.Closes, About: b.About, Batch: b.Batch, Approval: b.Approval,
		PlatformStatus: b.PlatformStatus, CorrelationID: b.CorrelationID, RequestID: b.RequestID, Address: b.Address,
		Plan: b.Plan, Tally: b.Tally, Client: b.Client, Playbook: b.Playbook, Steps: b.Steps, Within: b.Within,
	}
	for _, moment := range []struct {
		text string
		to   *time.Time
	}{
		{b.At, &e.At}, {b.Evidence.TokenIssuedBefore, &e.Evidence.TokenIssuedBefore},
		{b.Evidence.TokenIssuedAfter, &e.Evidence.TokenIssuedAfter}, {b.Evidence.ReadAt, &e.Evidence.ReadAt},
		{b.Pruned.Before, &e.Pruned.Before},
	} {
		if moment.text == "" {
			continue
		}
		t, err := time.Parse(timeLayout, moment.text)
		if err != nil {
			return Entry{}, fmt.Errorf("a time of the entry cannot be read: %w", err)
		}
		*moment.to = t
	}
	return e, nil
}

// encode is the canonical form of e, the one that is hashed.
func encode(e Entry) ([]byte, error) { return encodeBody(bodyOf(e)) }

// encodeBody writes v as compact JSON in which no control or bidirectional character stands raw.
func encodeBody(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding an entry: %w", err)
	}
	return EscapeJSON(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// decode reads what encode wrote. It does not mind other spacing or escapes: whoever must know that they are the same
// encodes again and compares the hashes.
func decode(data []byte) (Entry, error) {
	if e, sure := readCanonical(string(data)); sure {
		return e, nil
	}
	return decodeAny(data)
}

func decodeAny(data []byte) (Entry, error) {
	var b body
	if err := json.Unmarshal(data, &b); err != nil {
		return Entry{}, fmt.Errorf("reading an entry: %w", err)
	}
	return b.entry()
}
