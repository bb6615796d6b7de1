// Package audit is the record of who did what to whose tokens, when, why, and what came of it, kept so that somebody
// who trusts neither the console nor its database can check it.
//
//	Undertake: asked ──> on the record ──> the act ──> outcome, on the record
//	                          │
//	    entry ──> canonical JSON ──> leaf of a Merkle tree ──> signed checkpoint     (one transaction)
//	                          │
//	   Receipt: entry + path to the root + checkpoint  ──> Prove: needs the public key, and nothing else
//	   Verify:  every entry, the tree, the signature, every index, and checkpoints kept elsewhere
//
// Leaves are hashed as in RFC 6962; a checkpoint is a signed note as C2SP describes it. The key that signs is not in
// the database, so nobody who can only write there can add or change an entry without it showing.
// docs/decisions/0004-audit-record.md says what this protects against, and what not. No entry has room for a token:
// name one by its fingerprint.
package audit

// Action is what somebody set out to do.
type Action string

// The actions the console records.
const (
	SignIn          Action = "sign-in"
	SignOut         Action = "sign-out"
	Verify          Action = "verify"           // HEAD /api/v2/tokens/me
	Revoke          Action = "revoke"           // DELETE /api/v2/tokens/{userId}
	ChangeTimeout   Action = "change-timeout"   // PUT /api/v2/tokens/timeout
	Inspect         Action = "inspect"          // GET /api/v2/tokens/me with a found token
	DeleteInspected Action = "delete-inspected" // DELETE /api/v2/tokens/me with a found token
	Export          Action = "export"           // the record read in bulk
	ReadEvidence    Action = "read-evidence"    // what the platform tells after an act
	Prune           Action = "prune"            // retention, by the console itself
	PrepareBatch    Action = "prepare-batch"    // a plan to revoke many, made or changed
	ChangeClient    Action = "change-client"    // PUT /api/v2/oauth/clients/{clientId}: see Entry.Client and Entry.Change
	ClearWatch      Action = "clear-watch"      // somebody who came back is dealt with, and why
	RunPlaybook     Action = "run-playbook"     // several steps on one person: see Entry.Playbook, Entry.Steps and Entry.Within
	Deactivate      Action = "deactivate"       // PATCH /api/v2/users/{userId}
	DeleteFactors   Action = "delete-factors"   // DELETE /api/v2/users/{userId}/verifiers/{verifierId}, each
	TakeOffQueue    Action = "take-off-queue"   // PUT /api/v2/users/{userId}/routingstatus
	SetOffline      Action = "set-offline"      // PATCH /api/v2/users/{userId}/presences/purecloud
	FreeStation     Action = "free-station"     // DELETE /api/v2/users/{userId}/station/associatedstation
	ChangeBatch     Action = "change-batch"     // a batch brought from one state into another: see Entry.Change
)

// Actions lists every Action, for a choice on a page.
func Actions() []Action {
	return []Action{
		SignIn, SignOut, Verify, Revoke, ChangeTimeout, Inspect, DeleteInspected, Export, ReadEvidence, Prune,
		PrepareBatch, ChangeBatch, ChangeClient, ClearWatch,
		RunPlaybook, Deactivate, DeleteFactors, TakeOffQueue, SetOffline, FreeStation,
	}
}

// concernsPeople reports whether entries with the action a can have a subject: without it none may name one.
func (a Action) concernsPeople() bool {
	switch a {
	case Revoke, Inspect, DeleteInspected, ReadEvidence, ClearWatch,
		RunPlaybook, Deactivate, DeleteFactors, TakeOffQueue, SetOffline, FreeStation:
		return true
	}
	return false
}

// Outcome is what came of an action.
type Outcome string

// The outcomes. An entry with Asked is written before the platform is called, and closed by a later entry that names
// it in Closes. One that nothing closes stays visibly open.
const (
	Asked   Outcome = "asked"
	Done    Outcome = "done"
	Refused Outcome = "refused" // by the console or the platform: nothing changed
	Failed  Outcome = "failed"  // tried, and known not to have worked
	Unknown Outcome = "unknown" // tried, and the platform's answer did not arrive
)

// Outcomes lists every Outcome, for a choice on a page.
func Outcomes() []Outcome { return []Outcome{Asked, Done, Refused, Failed, Unknown} }
