package comeback

import (
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// Person is somebody who is watched, with what is known.
type Person struct {
	ID      genesys.UserID
	Who     audit.Party      // the person, with the name that is known by now
	Revoked audit.Entry      // the outcome of the revocation that counts
	Times   revocation.Times // of that revocation: they say which token is a return
	Cleared audit.Entry      // the last that was said by hand about a return of theirs; zero if nothing was
	Token   Token            // the last one known
	Checked bool             // the platform told about them since the revocation, and at the last reading
}

// Token is the last token that somebody got, as far as the platform told.
type Token struct {
	Issued   time.Time // zero if it was not told
	ReadAt   time.Time // when that was told; zero for never
	Address  string    // of whoever got it; told live only
	ClientID string    // that it was issued to; told live only
}

// sameToken is how far apart two times may be that the platform tells about the issue
// of one token.
const sameToken = 2 * time.Second

// IsBack reports whether the last known token counts as a return.
func (p Person) IsBack() bool {
	_, back := p.Times.CameBack(p.Token.Issued)
	return back
}

// After is how long after the revocation the token of a return was issued. See
// revocation.IsSure.
func (p Person) After() time.Duration {
	after, _ := p.Times.CameBack(p.Token.Issued)
	return after
}

// Oneself reports whether they revoked their own tokens: then coming back is what
// they meant to do.
func (p Person) Oneself() bool { return byOneself(p.Revoked) }

// IsUnknown reports whether nobody knows if the platform carried out the revocation.
func (p Person) IsUnknown() bool { return p.Revoked.Outcome != audit.Done }

// IsCleared reports whether somebody has dealt with the last return by hand.
func (p Person) IsCleared() bool {
	return p.IsBack() && p.Cleared.Seq != 0 && !p.Token.Issued.After(p.Cleared.Evidence.TokenIssuedAfter.Add(sameToken))
}

// CameBack reports whether somebody came back who was not meant to, as far as is
// known, and nobody has dealt with it.
func (p Person) CameBack() bool { return p.IsBack() && !p.Oneself() && !p.IsCleared() }

// rank orders people on the board.
func (p Person) rank() int {
	switch {
	case p.CameBack():
		return 0
	case !p.IsBack():
		return 1
	case p.Oneself():
		return 2
	}
	return 3
}

func byOneself(e audit.Entry) bool { return e.Actor.ID == e.Subject.ID }

// weight says how much a revocation counts beside others of the same person: 0 for
// one that certainly did not happen.
func weight(outcome audit.Entry) int {
	w := 0
	switch outcome.Outcome {
	case audit.Done:
		w = 2
	case audit.Unknown, audit.Asked: // asked, and cut off before the outcome was on the record
		w = 1
	default:
		return 0
	}
	if !byOneself(outcome) {
		w += 2
	}
	return w
}

// topWeight is that of a confirmed revocation by somebody else.
const topWeight = 4

// roster collects people with the revocation that counts of each.
type roster struct {
	people []Person
	places map[string]int // by the person's id
	most   int
	lesser int // people whose revocation an earlier one may outweigh
}

// add takes the next act, which is older than those before. It reports whether an
// even older one may matter.
func (r *roster) add(a audit.Act) (more bool) {
	e := a.Last()
	id, err := genesys.ParseUserID(e.Subject.ID)
	if err == nil && weight(e) > 0 {
		r.put(Person{ID: id, Who: e.Subject, Revoked: e, Times: revocation.TimesOf(a)})
	}
	return len(r.people) < r.most || r.lesser > 0
}

func (r *roster) put(p Person) {
	place, known := r.places[p.Revoked.Subject.ID]
	top := weight(p.Revoked) == topWeight
	switch {
	case known && weight(p.Revoked) > weight(r.people[place].Revoked):
		r.people[place] = p
		if top {
			r.lesser--
		}
	case !known && len(r.people) < r.most:
		r.places[p.Revoked.Subject.ID] = len(r.people)
		r.people = append(r.people, p)
		if !top {
			r.lesser++
		}
	}
}
