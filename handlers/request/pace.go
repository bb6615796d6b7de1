package request

import (
	"fmt"
	"net/http"
	"time"

	"tokenconsole/internal/pace"
)

// How many entries one person may put on the record by what ends nobody's access:
// exports, inspections, verifications, and acts that are refused because a permission
// is missing. Before every act the console compares its newest 1,000 entries with what
// it wrote. Somebody who could add that many in a moment could hide in that way that an
// older one was changed.
const (
	mostPaced = 30
	pacedSpan = time.Minute
	mostKept  = 10_000 // people remembered
)

// A Pace slows down people who put entries on the record without ending anybody's
// access. It is safe for concurrent use.
type Pace struct{ people *pace.Pace[person] }

type person struct{ region, organization, id string }

// NewPace returns a Pace of which nobody has used anything.
func NewPace() *Pace { return &Pace{pace.New[person](mostPaced, pacedSpan, mostKept)} }

// Use counts an entry by the person of v, or returns a *PaceError.
func (p *Pace) Use(v *Visit) error {
	who := person{v.Session.Region, v.Session.Organization.ID, v.Session.Person.ID.String()}
	if wait := p.people.Use(who, v.Now()); wait > 0 {
		return &PaceError{wait}
	}
	return nil
}

// pace lets v through to a page that puts an entry on the record: if the console's
// own pages led to it, and not too often.
func (k *Keeper) pace(v *Visit) error {
	if !v.OwnWish() {
		return CrossOrigin // it would put on the record what its person never asked for
	}
	if v.Request.Method == http.MethodHead {
		return nil // no page does anything for it
	}
	return k.Pace.Use(v)
}

// PaceError refuses what a person does too often.
type PaceError struct{ Wait time.Duration }

func (e *PaceError) Error() string {
	return fmt.Sprintf("too many entries on the record: wait %v", e.Wait)
}
