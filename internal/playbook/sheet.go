package playbook

import (
	"context"
	"slices"

	"tokenconsole/internal/audit"
)

// Sheet is what the record holds of a playbook: step by step, what came of it.
type Sheet struct {
	Asked   audit.Entry
	Outcome audit.Entry // zero while it is under way, or if the console stopped before its end
	Steps   []SheetStep // those that were asked for, in order
}

// SheetStep is one step of a sheet.
type SheetStep struct {
	Step    Step
	Asked   audit.Entry // zero for a step that was not tried
	Outcome audit.Entry // zero if there is none
}

// MayBeDone reports whether the step was taken, wholly or in part, and nobody can tell that it was done.
func (s SheetStep) MayBeDone() bool {
	return s.Outcome.Outcome == audit.Unknown || s.Outcome.Outcome != audit.Done && s.Outcome.Count > 0 ||
		s.Asked.Seq != 0 && s.Outcome.Seq == 0
}

// most bounds how many acts on a person are read to find those of a playbook: it has
// one a step, and others act on the same person at once rarely.
const most = 50

// Read returns the sheet of the playbook that entry seq of an organization asked for,
// or audit.ErrNotFound.
func Read(ctx context.Context, log *audit.Log, organization string, seq int64) (Sheet, error) {
	asked, err := log.Get(ctx, organization, seq)
	if err != nil {
		return Sheet{}, err
	}
	if asked.Action != audit.RunPlaybook || asked.Outcome != audit.Asked {
		return Sheet{}, audit.ErrNotFound
	}
	own, err := log.Act(ctx, organization, seq)
	if err != nil {
		return Sheet{}, err
	}
	page, err := log.Acts(ctx, audit.Filter{OrganizationID: organization, SubjectID: asked.Subject.ID}, audit.NewerThan(seq), most)
	if err != nil {
		return Sheet{}, err
	}
	sheet := Sheet{Asked: asked}
	for _, step := range Parse(asked.Steps) {
		sheet.Steps = append(sheet.Steps, SheetStep{Step: step})
	}
	for _, a := range append(page.Acts, audit.Act{Entries: own}) {
		for _, e := range a.Entries {
			sheet.add(e)
		}
	}
	return sheet, nil
}

// add puts an entry where it belongs, if it is of the sheet.
func (s *Sheet) add(e audit.Entry) {
	if e.Closes == s.Asked.Seq {
		s.Outcome = e
	}
	if e.Within != s.Asked.Seq || e.Within == 0 {
		return
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		switch {
		case e.Action != step.Step.action():
		case e.Outcome == audit.Asked:
			step.Asked = e
		default:
			step.Outcome = e
		}
	}
}

// Find returns a step of the sheet.
func (s Sheet) Find(step Step) (SheetStep, bool) {
	i := slices.IndexFunc(s.Steps, func(one SheetStep) bool { return one.Step == step })
	if i < 0 {
		return SheetStep{}, false
	}
	return s.Steps[i], true
}

// LeftOut are the steps that its playbook takes unless somebody unticks them, and that were not asked for.
func (s Sheet) LeftOut() []Step {
	b, _ := Find(s.Asked.Playbook)
	return slices.DeleteFunc(slices.Clone(b.Steps), func(step Step) bool {
		_, asked := s.Find(step)
		return asked
	})
}
