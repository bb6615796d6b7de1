package batch

import (
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// Plan is what the plan says of a row.
type Plan string

// What a plan can say of a row. Only ToRevoke is ever carried out.
const (
	ToRevoke   Plan = "to-revoke"
	NotFound   Plan = "not-found"
	Ambiguous  Plan = "ambiguous"   // several people fit: see Person.Candidates and Service.Choose
	NamedTwice Plan = "named-twice" // an earlier row is the same person
	Inactive   Plan = "inactive"
	Protected  Plan = "protected" // by the setting CONSOLE_PROTECTED
	Yourself   Plan = "yourself"  // left out unless included: see Service.IncludeYourself
)

// Run is what came of a person who is to be revoked.
type Run string

// What can come of a person. A person who is asked again, such as after a failure of the platform, waits again.
const (
	Waiting   Run = "waiting"
	Asked     Run = "asked" // on the record, and no outcome yet
	Revoked   Run = "done"
	Failed    Run = "failed"  // refused, or tried in vain
	Unknown   Run = "unknown" // tried, and nobody knows whether it worked
	Skipped   Run = "skipped" // never tried, or no longer: the batch was cancelled
	NotInPlan Run = ""        // the row is not to be revoked
)

// Candidate is one of several people that an ambiguous row may mean.
type Candidate struct {
	ID            genesys.UserID `json:"id"`
	Name          string         `json:"name"`
	Email         string         `json:"email"`
	Department    string         `json:"department,omitzero"`
	Inactive      bool           `json:"inactive,omitzero"`
	Busy          string         `json:"busy,omitzero"`
	Administrator bool           `json:"administrator,omitzero"`
}

// Person is one row of a batch.
type Person struct {
	Position      int            // in the plan, from 1; names the row
	ID            genesys.UserID // zero for a row that names unknown
	Name          string
	Email         string
	Line          int    // of the input, from 1; 0 for none
	Input         string // what stood there
	Plan          Plan
	Candidates    []Candidate // of an Ambiguous row, at most MaxCandidates
	Busy          string      // routing status when the plan was made, such as INTERACTING; "" if not busy
	Administrator bool

	Run           Run
	Tries         int       // how often the platform was asked; the record has as many asked entries
	Status        int       // HTTP status of the platform's last answer, 0 for none
	Problem       string    // code of what stood in the way
	At            time.Time // of the last answer
	CorrelationID string
	Entry         int64     // seq of the entry with the outcome, else of the one that asked; 0 for none
	TokenBefore   time.Time // when the platform last issued a token to the person, before and after
	TokenAfter    time.Time // the same as TokenBefore for whoever did not come back
	EvidenceAt    time.Time // when TokenAfter was read; zero if it was not

	// RetryAt is when a waiting person is asked again after a failure.
	RetryAt time.Time

	Unreadable bool // its row cannot be read as a whole; nothing is done about it then

	Steps []StepRun // besides the tokens, in the order in which they are taken; none before the first try

	tokens   Run  // what came of the tokens, while a step is still to be taken
	unclear  bool // one of the tries may have worked, and nobody knows
	failures int  // tries in a row without a usable answer; once revoked, of reading the evidence again
	asked    int64
	askedAt  time.Time
	entry    int64
	knownAt  time.Time // when TokenBefore was read
}

// MaxCandidates is how many people an ambiguous row offers at most.
const MaxCandidates = 20

// CameBackAt is when the person got a token that counts as a return, or zero if none was seen.
func (p Person) CameBackAt() time.Time {
	if _, back := p.times().CameBack(p.TokenAfter); p.Run == Revoked && back {
		return p.TokenAfter
	}
	return time.Time{}
}

// IsPerhapsBack reports whether the token of CameBackAt is not certainly one of after the revocation.
func (p Person) IsPerhapsBack() bool {
	after, back := p.times().CameBack(p.TokenAfter)
	return p.Run == Revoked && back && !revocation.IsSure(after)
}

func (p Person) times() revocation.Times {
	return revocation.Times{Asked: p.askedAt, Settled: p.At, Before: p.TokenBefore}
}
