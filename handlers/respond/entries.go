package respond

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/views"
)

// ActionNames are the record's actions in words.
var ActionNames = map[audit.Action]string{
	audit.SignIn: "Sign-in", audit.SignOut: "Sign-out", audit.Verify: "Verification", audit.Revoke: "Revocation",
	audit.ReadEvidence: "Evidence", audit.ChangeTimeout: "Timeout change", audit.Inspect: "Inspection",
	audit.DeleteInspected: "Deletion of a found token", audit.Export: "Export of the record", audit.Prune: "Pruning of the record",
	audit.ChangeClient: "Change of an OAuth client", audit.ClearWatch: "Return dealt with",
	audit.PrepareBatch: "Preparation of a batch", audit.ChangeBatch: "Change of a batch",
	audit.RunPlaybook: "Playbook", audit.Deactivate: "Deactivation", audit.DeleteFactors: "Removal of second factors",
	audit.TakeOffQueue: "Off queue", audit.SetOffline: "Presence Offline", audit.FreeStation: "Station freed",
}

// Rows are what came of acts as lists show them, each under the number that the record lists its act by.
func Rows(entries []audit.Entry, now time.Time) []views.AuditRow {
	rows := make([]views.AuditRow, len(entries))
	for i, e := range entries {
		rows[i] = Row(e, now)
		rows[i].Seq = strconv.FormatInt(e.Act(), 10)
		rows[i].Href = "/audit/" + rows[i].Seq
	}
	return rows
}

// Row is one entry of the record as lists show it.
func Row(e audit.Entry, now time.Time) views.AuditRow {
	seq := strconv.FormatInt(e.Seq, 10)
	row := views.AuditRow{
		Seq: seq, Href: "/audit/" + seq, At: views.MomentOf(e.At, now), Action: ActionNames[e.Action],
		Outcome: string(e.Outcome), Open: e.Open,
		Actor: ActorName(e), ActorEmail: e.Actor.Email, Subject: PartyName(e.Subject), SubjectEmail: e.Subject.Email,
		Reason: e.Reason, Ticket: e.Ticket, Detail: Detail(e, now),
	}
	if id, err := genesys.ParseUserID(e.Subject.ID); err == nil {
		row.SubjectHref = PersonPath(id)
	}
	return row
}

// PartyName is the name of a party, or the id of one without.
func PartyName(p audit.Party) string {
	if p.Name != "" {
		return p.Name
	}
	return p.ID
}

// ActorName is who acted. What nobody asked for, such as the end of a batch, the console does by itself.
func ActorName(e audit.Entry) string {
	if e.Actor == (audit.Party{}) && (e.Action == audit.ChangeBatch || e.Action == audit.Prune) {
		return "The console"
	}
	return PartyName(e.Actor)
}

// Detail says in words what else an entry holds.
func Detail(e audit.Entry, now time.Time) string {
	if ofBatch(e) {
		return batchDetail(e)
	}
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if e.Token != "" {
		add("token %s%s", e.Token, whose(e))
	}
	if e.Client != (audit.Client{}) {
		add("OAuth client %s", clientName(e.Client))
	}
	if e.Playbook != "" {
		add("%s", StepsInWords(e.Playbook, playbook.Parse(e.Steps)))
	}
	if e.Change != (audit.Change{}) {
		add("from %s to %s", e.Change.From, e.Change.To)
	}
	if e.Problem != "" {
		add("%s", ProblemTitle(e.Problem))
	}
	if e.Permission != "" {
		add("missing permission %s", e.Permission)
	}
	if e.Pruned.Through != 0 {
		add("entries 1 to %d, written before %s", e.Pruned.Through, views.InText(e.Pruned.Before, now))
	}
	if e.Count != 0 || e.Tally != (audit.Tally{}) {
		add("%s", counted(e))
	}
	if e.Query != "" {
		add("filter %s", e.Query)
	}
	if e.Action == audit.ReadEvidence {
		add("%s", evidence(e.Evidence, now))
	}
	return strings.Join(parts, "; ")
}

// clientName is the name of an OAuth client, or the id of one without.
func clientName(c audit.Client) string {
	if c.Name != "" {
		return c.Name
	}
	return c.ID
}

// whose says where the token of e was found to belong.
func whose(e audit.Entry) string {
	text := ""
	if e.TokenRegion != "" {
		text += " in " + e.TokenRegion
	}
	if e.TokenOrganization.Name != "" {
		text += ", of " + e.TokenOrganization.Name
	}
	return text
}

// FactorsTold says how many second factors were removed, and what came of the others.
func FactorsTold(e audit.Entry) string {
	told := []string{fmt.Sprintf("%d removed", e.Count)}
	for _, part := range []struct {
		n    int
		what string
	}{{e.Tally.Failed, "not removed"}, {e.Tally.Unknown, "not confirmed"}, {e.Tally.Skipped, "not tried"}} {
		if part.n > 0 {
			told = append(told, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return strings.Join(told, ", ")
}

func counted(e audit.Entry) string {
	switch {
	case e.Playbook != "":
		return fmt.Sprintf("%d done", e.Count)
	case e.Action == audit.DeleteFactors:
		return FactorsTold(e)
	case e.Action == audit.SignIn:
		return fmt.Sprintf("%d in that minute", e.Count)
	case e.Count == 1:
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", e.Count)
}

func evidence(e audit.Evidence, now time.Time) string {
	if e.TokenIssuedAfter.IsZero() {
		return "last token issued: not told"
	}
	return "last token issued " + views.InText(e.TokenIssuedAfter, now)
}

// ProblemTitle is the title of the problem with that code, or the code itself.
func ProblemTitle(code string) string {
	if words, ok := problems[Code(code)]; ok {
		return words.title
	}
	if title, ok := batchProblems[code]; ok {
		return title
	}
	if title, ok := stepProblems[code]; ok {
		return title
	}
	return code
}

// Unread says that the record could not be read.
func Unread(err error) *Problem {
	p := Refuse(RecordUnreadable)
	p.Cause = err
	return p
}
