package people

import (
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

const (
	// followTime is how long after a revocation the page of its person reads the
	// evidence again by itself. Each reading counts as activity of the token at the
	// platform, so that it must end soon.
	followTime = 2 * time.Minute
	// lagTime is how long after a revocation the platform may still tell what was
	// before it.
	lagTime = 10 * time.Minute
)

// lastRevocation is the last confirmed revocation of a person.
func (p *Room) lastRevocation(v *request.Visit, id genesys.UserID) (audit.Act, bool, error) {
	about := audit.Filter{
		OrganizationID: v.Session.Organization.ID, SubjectID: id.String(), Action: audit.Revoke, Outcome: audit.Done,
	}
	list, err := p.Log.Acts(v.Context(), about, audit.Cursor{}, 1)
	if err != nil {
		return audit.Act{}, false, respond.Unread(err)
	}
	if len(list.Acts) == 0 {
		return audit.Act{}, false, nil
	}
	return list.Acts[0], true, nil
}

// busyStill is what somebody is in the middle of. It is "" if they were revoked and have no token since: then nothing is left that
// a revocation would end, whatever the platform still tells.
func (p *Room) busyStill(v *request.Visit, subject revocation.Subject) string {
	is := busy(subject.User)
	if is == "" {
		return ""
	}
	act, found, err := p.lastRevocation(v, subject.ID)
	if err != nil || !found {
		return is // the form must open all the same
	}
	if last, _, _ := sinceThen(act, subject, v.Now()); last.Kind == "quiet" {
		return ""
	}
	return is
}

// following reports whether the page of a revocation's person still reads the
// evidence again: for a while, and for whoever revoked.
func following(v *request.Visit, revoked audit.Entry) bool {
	return revoked.Actor.ID == v.Session.Person.ID.String() && v.Now().Sub(revoked.At) < followTime
}

// proof sets the last token that was issued before a revocation against the
// last one known now, as a time line.
func proof(v *request.Visit, act audit.Act, subject revocation.Subject) *views.Proof {
	revoked := act.Last()
	now := v.Now()
	p := &views.Proof{
		By: respond.PartyName(revoked.Actor), CorrelationID: revoked.CorrelationID, Checked: views.MomentOf(now, now),
		Again: respond.PersonPath(subject.ID) + "#proof",
		Steps: []views.ProofStep{
			{Kind: "before", Label: "Last token before", Moment: views.MomentOf(revoked.Evidence.TokenIssuedBefore, now), Note: "Not reported"},
			{Kind: "revoked", Label: "Revoked", Moment: views.MomentOf(revoked.At, now), Note: "by " + respond.PartyName(revoked.Actor)},
		},
	}
	if following(v, revoked) {
		p.Follow = respond.PersonPath(subject.ID) + "/proof"
	}
	var last views.ProofStep
	last, p.Returned, p.Advice = sinceThen(act, subject, now)
	p.Steps = append(p.Steps, last)
	return p
}

const (
	backAdvice = "Somebody signed in as this person again: the person, single sign-on, or somebody else with their credentials. " +
		"If that is not right, change the credentials first, then revoke again."
	perhapsAdvice = "That token may still work. Revoke again to be sure."
)

// sinceThen is the end of that time line, and in words that the person came back and what to do; "" if they did not.
func sinceThen(act audit.Act, subject revocation.Subject, now time.Time) (last views.ProofStep, returned, advice string) {
	issued := subject.LastTokenIssued.DateIssued
	after, back := revocation.TimesOf(act).CameBack(issued)
	switch {
	case subject.Unknown != nil:
		return views.ProofStep{Kind: "untold", Label: "Not reported", Note: "Genesys Cloud did not report the last token this time."}, "", ""
	case issued.IsZero():
		return views.ProofStep{Kind: "untold", Label: "Not reported", Note: "Genesys Cloud reported no last token."}, "", ""
	case back && !revocation.IsSure(after):
		return views.ProofStep{Kind: "back", Label: "Perhaps back", Moment: views.MomentOf(issued, now)},
			"Perhaps back: a token was issued " + respond.NearRevocation, perhapsAdvice
	case back:
		return views.ProofStep{Kind: "back", Label: "Came back " + views.Span(after) + " later", Moment: views.MomentOf(issued, now)},
			"Came back " + views.Span(after) + " after the revocation", backAdvice
	}
	return views.ProofStep{Kind: "quiet", Label: "Nothing since", Note: "No new token was issued."}, "", ""
}
