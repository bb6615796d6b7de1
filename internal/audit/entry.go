package audit

import "time"

// Party is a person as the platform knew them at the time. The zero Party is nobody.
type Party struct {
	ID    string `json:"id,omitzero"`
	Name  string `json:"name,omitzero"`
	Email string `json:"email,omitzero"`
}

// Organization is an organization as the platform knew it at the time. The zero Organization is none.
type Organization struct {
	ID   string `json:"id,omitzero"`
	Name string `json:"name,omitzero"`
}

// Change is the value of a setting before and after an act, such as "off" and "900 s".
type Change struct {
	From string `json:"from,omitzero"`
	To   string `json:"to,omitzero"`
}

// Client is an OAuth client as the platform knew it at the time. The zero Client is none.
type Client struct {
	ID   string `json:"id,omitzero"`
	Name string `json:"name,omitzero"`
}

// Evidence is when the platform last issued a token to the subject, as it told before and after an act, and when the
// second answer was read. A zero time was not told.
type Evidence struct{ TokenIssuedBefore, TokenIssuedAfter, ReadAt time.Time }

// Pruned says what retention removed: the bodies of the entries 1 to Through, all of them written before Before. It
// includes what earlier prunings removed.
type Pruned struct {
	Through int64
	Before  time.Time
}

// Tally says what came of the people of a batch, or of the second factors of a person, by their number.
type Tally struct {
	Done    int `json:"done,omitzero"`
	Failed  int `json:"failed,omitzero"`
	Unknown int `json:"unknown,omitzero"`
	Skipped int `json:"skipped,omitzero"`
}

// Entry is one line of the record. Times are UTC and whole milliseconds.
type Entry struct {
	Seq               int64     // place on the record, from 1; set when it is written
	At                time.Time // set when it is written
	Action            Action
	Outcome           Outcome
	Actor             Party
	Organization      Organization
	Region            string // domain of the region, such as mypurecloud.ie
	Subject           Party  // on whom; nobody for an action on no person
	Reason            string
	Ticket            string
	Token             string       // fingerprint of the token that the act is about; never a token
	TokenRegion       string       // domain of the region where that token lives; empty for the actor's own
	TokenOrganization Organization // whose token it is
	Change            Change
	Problem           string // code of what stood in the way, such as "permission-missing"
	Permission        string // the one that was missing
	Count             int64  // how many like it this entry stands for, or how many entries an export held
	Query             string // filter of an export
	Evidence          Evidence
	Pruned            Pruned
	Closes            int64 // Seq of the Asked entry whose outcome this is, else 0
	About             int64 // Seq of the Asked entry of the act that this evidence belongs to, else 0
	Batch             string
	Approval          int64
	PlatformStatus    int    // HTTP status of the platform's answer, 0 for none
	CorrelationID     string // the platform's ININ-Correlation-Id
	RequestID         string // the console's
	Address           string // the caller's
	Plan              string // of a batch: the hash over the rows of its plan, in hex
	Tally             Tally  // of a batch; of second factors if not all were removed
	Client            Client // the OAuth client that the act is about
	Playbook          string // name of what is run
	Steps             string // of the playbook, by their names, in the order they are taken, with spaces between
	Within            int64  // Seq of the Asked entry of the playbook that this act is a step of, else 0

	Open bool // Asked, and nothing has closed it yet; not part of the entry, set when it is read
}

// Act is the Seq of the entry that began the act which e belongs to; the entries of one act share it.
func (e Entry) Act() int64 {
	switch {
	case e.Closes > 0:
		return e.Closes
	case e.About > 0:
		return e.About
	}
	return e.Seq
}

// With is e with the outcome r.
func (e Entry) With(r Result) Entry {
	if r.Dead {
		r.Outcome, r.Problem = Done, TokenAlreadyDead
	}
	if r.Outcome == "" || r.Outcome == Asked {
		r.Outcome = Unknown
	}
	e.Outcome, e.PlatformStatus, e.CorrelationID = r.Outcome, r.Status, r.CorrelationID
	e.Problem, e.Permission, e.Count = r.Problem, r.Permission, r.Count
	if r.Tally != (Tally{}) { // that of a batch is known before
		e.Tally = r.Tally
	}
	return e
}

// ForSubject is e as the person whom it concerned reads it: that it happened, when and what, but not why, nor where
// the person who did it sat.
func (e Entry) ForSubject() Entry {
	e.Reason, e.Ticket, e.Query, e.Address, e.RequestID, e.CorrelationID = "", "", "", "", "", ""
	e.Batch, e.Approval = "", 0
	return e
}

// as is e as the person with the id own reads it; "" reads everything.
func (e Entry) as(own string) Entry {
	if own == "" || e.Actor.ID == own {
		return e
	}
	return e.ForSubject()
}
