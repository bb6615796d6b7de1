// Package batch revokes the tokens of many people: prepared as a plan that everybody can read before anything happens,
// carried out one person after the other at the pace that the platform allows, and proven afterwards.
//
//	Prepare ──► prepared ──► Start ──► (waiting for approval ──► Approve) ──► running ──► done, done with failures
//	  people, rule, hash        │              │ Decline: cancelled              │  ▲
//	  on the record             │              └ nobody in time: expired    Pause│  │Resume, TakeOver
//	                            │                                                ▼  │
//	                            └──────────────── Cancel: cancelled ◄────────── paused
//
//	running:  job ──► people in order, their own last ──► revocation.Revoke each: asked, call, outcome
//	          │  ▲                                              │
//	          └──┘ wakes itself every few seconds               └─► row of the person follows the record
//
// The people are rows in the database. A job of a few seconds works on a batch and wakes itself again, so that a
// crash, a restart or the loss of a replica costs seconds: the next job compares the rows with the record and goes on
// at the first open person. docs/decisions/0005-batches.md says what holds when, and why.
package batch

import (
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/playbook"
)

// MaxPeople is the most rows a plan may have.
const MaxPeople = 10_000

// MaxPlans is how many plans one person may have prepared and not started: each keeps its people in the database.
const MaxPlans = 100

// State is where a batch stands.
type State string

// The states of a batch.
const (
	Prepared         State = "prepared"             // a plan: nothing has happened
	WaitingApproval  State = "waiting-for-approval" // started, until a second person approves
	Running          State = "running"
	Paused           State = "paused"             // Batch.Problem says why, "" if a person paused it
	Done             State = "done"               // over; who was in an interaction may have been skipped
	DoneWithFailures State = "done-with-failures" // over, and somebody's outcome is failed or unknown
	Cancelled        State = "cancelled"          // by a person, who may have declined the approval
	Expired          State = "expired"            // nobody approved it in time
)

// States lists every State, for a choice on a page.
func States() []State {
	return []State{Prepared, WaitingApproval, Running, Paused, Done, DoneWithFailures, Cancelled, Expired}
}

// Over reports whether a batch in this state has ended.
func (s State) Over() bool {
	return s == Done || s == DoneWithFailures || s == Cancelled || s == Expired
}

// still reports whether nothing changes a batch in this state but what people do to it: what somebody saw of it, and what
// was held against the record, is what they decide about.
func (s State) still() bool { return s == Prepared || s == WaitingApproval }

// Source is where the people of a batch come from.
type Source string

// The sources of people.
const (
	FromList       Source = "list" // pasted or uploaded
	FromSearch     Source = "search"
	FromTicks      Source = "ticks" // rows ticked on a page
	FromQueue      Source = "queue"
	FromGroup      Source = "group"
	FromRole       Source = "role"
	FromTeam       Source = "team"
	FromDepartment Source = "department"
	FromDivision   Source = "division"
	FromBatch      Source = "batch" // the failed ones of an earlier batch
)

// Rule says whom a batch is about, as it was chosen.
type Rule struct {
	Source Source
	ID     string // of the queue, group, role, team, division or batch; the name of a department; the text of a search
	Words  string // the same for people, such as `queue "Billing"`

	NoRoles bool // who is an administrator could not be found out; a batch has it in Counts.AdministratorsUnknown
}

// Counts are the people of a batch by what the plan says of them and, for those to be revoked, by what came of it.
type Counts struct {
	ToRevoke   int `json:"toRevoke"`
	NotFound   int `json:"notFound"`
	Ambiguous  int `json:"ambiguous"`
	NamedTwice int `json:"namedTwice"`
	Inactive   int `json:"inactive"`
	Protected  int `json:"protected"`
	Yourself   int `json:"yourself"`

	Waiting int `json:"waiting"`
	Asked   int `json:"asked"`
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	Unknown int `json:"unknown"`
	Skipped int `json:"skipped"`

	Busy           int `json:"busy"`           // of those to be revoked, when the plan was made
	Administrators int `json:"administrators"` // of those to be revoked

	Undone int `json:"undone,omitzero"` // of those who are settled: a step besides the tokens was not done

	AdministratorsUnknown bool `json:"administratorsUnknown,omitzero"` // nobody could say who is one
}

// Rows is how many rows the plan has, those that are left out included.
func (c Counts) Rows() int {
	return c.ToRevoke + c.NotFound + c.Ambiguous + c.NamedTwice + c.Inactive + c.Protected + c.Yourself
}

// Settled is how many people nothing more is done about.
func (c Counts) Settled() int { return c.Done + c.Failed + c.Unknown + c.Skipped }

// Batch is one batch as it stands.
type Batch struct {
	ID           string
	Organization audit.Organization
	Region       string // domain
	Parent       string // the batch whose failed people this one tries again; "" for none
	Rule         Rule
	State        State
	Problem      string // why it paused by itself: a genesys.Problem or one of this package's; "" if it did not

	PreparedBy audit.Party
	PreparedAt time.Time
	StartedBy  audit.Party // nobody before the start; these and the next follow
	StartedAt  time.Time
	DecidedBy  audit.Party // who approved or declined
	DecidedAt  time.Time
	Decision   string      // the reason of that
	ApproveBy  time.Time   // when the approval expires; zero once it is given
	RunBy      audit.Party // whose token it runs with, or ran last
	EndedAt    time.Time

	Reason string
	Ticket string
	Hash   string // SHA-256 over all rows of the plan and its steps, in hex; on the record

	Playbook string          // whose order the steps have; "" for none
	Steps    []playbook.Step // taken about each person, the tokens among them; nil for the tokens alone
	Counts   Counts
	First    string // name of the first person to be revoked, in a List; "" if nobody is

	Progress Progress
	Version  int64 // grows with every change; see Service.Await
}

// Approved reports whether a second person approved the batch.
func (b Batch) Approved() bool { return !b.DecidedAt.IsZero() && b.ApproveBy.IsZero() }

// Progress is how fast a running batch goes, and what it waits for.
type Progress struct {
	PerMinute int       // people a minute that the platform's limit leaves to it; 0 for no known limit
	WaitsFor  string    // why it does not go on just now: RateLimit, Platform or Record; "" if it does
	GoesOnAt  time.Time // when it goes on, as far as known
}

// What a running batch may wait for (Progress.WaitsFor).
const (
	RateLimit = "rate-limit" // the platform's limit, or the share of it that is left to people working
	Platform  = "platform"   // the platform gives no usable answers
	Record    = "record"     // the record cannot be written, so nothing is done
)

// Why a batch may pause by itself (Batch.Problem), beside genesys.TokenInvalid: the token it ran with is dead.
const (
	TooManyFailures = "too-many-failures" // the canary: see docs/decisions/0005-batches.md
	PlatformAway    = "platform-away"     // no usable answer for a quarter of an hour
	PlanChanged     = "plan-changed"      // the people in the database are not those of the plan on the record
	RowDiffers      = "row-differs"       // the row in the database says something else of the batch than the record
	RowUnreadable   = "row-unreadable"    // a row in the database cannot be read, or the seal of its token is wrong
	Away            = "batches-away"      // of an entry that failed: the database did not answer, and nothing was changed
	Changed         = "batch-changed"     // of an entry that is refused: somebody else changed the batch meanwhile
)
