package respond

import (
	"errors"
	"fmt"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/internal/revocation"
	"tokenconsole/session"
)

// Problem is what went wrong, ready to be told. The words, the status and the
// log line follow from its code. It is an error, so that pages return it.
type Problem struct {
	Code          Code
	Status        int    // of the HTTP answer
	Title         string // what happened
	Meaning       string // what it means for the person
	Next          string // what to do
	Ways          []Way  // that lead on
	ReturnTo      string // the page that ToSignIn leads back to; "" for none in particular
	CorrelationID string // the platform's
	RetryAfter    time.Duration
	Cause         error // for the log; nil if the code says it all
}

func (p *Problem) Error() string {
	if p.Cause != nil {
		return fmt.Sprintf("%s: %v", p.Code, p.Cause)
	}
	return string(p.Code)
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// Refuse returns the problem with that code. It panics if there is none: codes
// stand in the program, not in requests.
func Refuse(code Code) *Problem {
	words, ok := problems[code]
	if !ok {
		panic(fmt.Sprintf("respond: no problem %q", code))
	}
	return &Problem{Code: code, Status: words.status, Title: words.title, Meaning: words.meaning, Next: words.next, Ways: words.ways}
}

// Because adds to p, which says what is unknown, the problem that made it so.
func (p *Problem) Because(cause *Problem) *Problem {
	p.Meaning += " " + cause.Meaning
	p.Next += " " + cause.Next
	p.Status, p.RetryAfter, p.CorrelationID, p.Cause = cause.Status, cause.RetryAfter, cause.CorrelationID, cause.Cause
	return p
}

// Explain gives err its problem. No text of the platform is part of it.
func Explain(err error, now time.Time) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	p := explain(err, now)
	p.Cause = err
	return p
}

func explain(err error, now time.Time) *Problem {
	if refusal, ok := errors.AsType[request.Refusal](err); ok {
		return Refuse(Code(refusal))
	}
	if e, ok := errors.AsType[*request.PermissionError](err); ok {
		since := "It was not among your permissions when you signed in at " + e.Since.In(now.Location()).Format("15:04 MST") + "."
		return permissionMissing(e.Permission, since)
	}
	if e, ok := errors.AsType[*request.PaceError](err); ok {
		p := Refuse(EntriesTooMany)
		p.RetryAfter = e.Wait
		return p
	}
	switch {
	case errors.Is(err, revocation.ErrProtected):
		return Refuse(PersonProtected)
	case errors.Is(err, audit.ErrBroken):
		return Refuse(RecordBroken)
	case errors.Is(err, audit.ErrNotRecorded):
		return Refuse(RecordUnwritable)
	case errors.Is(err, audit.ErrNotFound):
		return Refuse(EntryUnknown)
	case errors.Is(err, session.ErrUnavailable):
		return Refuse(SessionsAway)
	case errors.Is(err, login.ErrElsewhere):
		return Refuse(TokenRenewed)
	case errors.Is(err, session.ErrManyLives):
		return Refuse(LiveTooMany)
	case errors.Is(err, session.ErrTooLarge):
		return Refuse(TokenTooLarge)
	case errors.Is(err, login.ErrUnavailable):
		return Refuse(LoginServerAway)
	}
	return explainCall(err, now)
}

// explainCall explains an error of a call of the platform.
func explainCall(err error, now time.Time) *Problem {
	p := Refuse(Code(genesys.ProblemOf(err)))
	answered, _ := errors.AsType[*genesys.Error](err)
	switch p.Code {
	case PermissionMissing:
		p = permissionMissing(answered.MissingPermission(), "Genesys Cloud refused.")
	case ScopeMissing:
		scope := "a scope"
		if name, _ := answered.MissingScope(); name != "" {
			scope = "the scope " + name
		}
		p.Meaning = fmt.Sprintf(p.Meaning, scope)
	case RateLimited:
		if answered.RetryAfter > 0 {
			p.RetryAfter = answered.RetryAfter
			p.Next = fmt.Sprintf("Try again in %d seconds, at %s.", int(p.RetryAfter.Seconds()), now.Add(p.RetryAfter).Format("15:04:05 MST"))
		}
	case PlatformFailed, PlatformRefused:
		p.Meaning = fmt.Sprintf(p.Meaning, answered.Status)
	case PlatformSlow:
		if answered == nil {
			p.Meaning = fmt.Sprintf("There was no answer within %d seconds.", int(genesys.CallTimeout.Seconds()))
		}
	}
	p.CorrelationID = genesys.CorrelationID(err)
	return p
}

func permissionMissing(permission, seen string) *Problem {
	p := Refuse(PermissionMissing)
	what := "a permission that this needs"
	if permission != "" {
		what = "the permission " + permission
	}
	p.Meaning = fmt.Sprintf(p.Meaning, what, seen)
	return p
}
