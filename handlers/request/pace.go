package request

import (
	"fmt"
	"net/http"
	"time"

	"tokenconsole/internal/pace"
)

// How many entries one person may put on the record by what ends nobody's access:
// exports, inspections, verifications, work on batches, and acts that are refused
// because a permission is missing. Before every act the console compares its
// newest 1,000 entries with what it wrote. Somebody who could add that many in a moment
// could hide in that way that an older one was changed.
const (
	mostPaced = 30
	mostBrisk = 120
	pacedSpan = time.Minute
	mostKept  = 10_000 // people remembered
)

// A Pace slows down people who put entries on the record without ending anybody's
// access. It is safe for concurrent use.
type Pace struct{ paced, brisk *pace.Pace[person] }

type person struct{ region, organization, id string }

// NewPace returns a Pace of which nobody has used anything.
func NewPace() *Pace {
	of := func(most int) *pace.Pace[person] { return pace.New[person](most, pacedSpan, mostKept) }
	return &Pace{of(mostPaced), of(mostBrisk)}
}

// Use counts an entry by the person of v, or returns a *PaceError.
func (p *Pace) Use(v *Visit) error { return use(p.paced, v) }

func use(people *pace.Pace[person], v *Visit) error {
	who := person{v.Session.Region, v.Session.Organization.ID, v.Session.Person.ID.String()}
	if wait := people.Use(who, v.Now()); wait > 0 {
		return &PaceError{wait}
	}
	return nil
}

// pace lets v through to a page that puts an entry on the record: if the console's
// own pages led to it, and not too often.
func (k *Keeper) pace(v *Visit, tempo Tempo) error {
	if tempo != Paced && tempo != Brisk {
		return nil
	}
	if !v.OwnWish() {
		return CrossOrigin // it would put on the record what its person never asked for
	}
	if v.Request.Method == http.MethodHead {
		return nil // no page does anything for it
	}
	if tempo == Brisk {
		return use(k.Pace.brisk, v)
	}
	return k.Pace.Use(v)
}

// PaceError refuses what a person does too often.
type PaceError struct{ Wait time.Duration }

func (e *PaceError) Error() string {
	return fmt.Sprintf("too many entries on the record: wait %v", e.Wait)
}
