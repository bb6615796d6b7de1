package batches

import (
	"cmp"
	"slices"

	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/views"
)

// left is something that was not done, and why.
type left struct {
	step                playbook.Step
	run                 batch.Run
	problem, permission string
}

// leftUndone counts the people by what was not done about them.
type leftUndone map[left]int

func (l leftUndone) add(p batch.Person) {
	if p.Run == batch.Failed || p.Run == batch.Unknown || p.Run == batch.Skipped && p.Problem == playbook.Busy {
		l[left{playbook.Tokens, p.Run, p.Problem, ""}]++
	}
	for _, s := range p.Steps {
		if run := stateOf(p, s); run != batch.Revoked && run != batch.Waiting {
			l[left{s.Step, run, s.Problem, s.Permission}]++
		}
	}
}

// rows are the words for it, what concerns most people first.
func (l leftUndone) rows() []views.Undone {
	var all []left
	for one := range l {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b left) int {
		return cmp.Or(cmp.Compare(l[b], l[a]), cmp.Compare(a.step, b.step), cmp.Compare(a.problem+a.permission, b.problem+b.permission),
			cmp.Compare(a.run, b.run))
	})
	var rows []views.Undone
	for _, one := range all {
		rows = append(rows, views.Undone{
			Label: respond.StepLabel(one.step), Why: views.People(l[one]) + ": " + stepNames[one.run] + why(one.problem), Who: one.who(),
		})
	}
	return rows
}

func why(problem string) string {
	switch problem {
	case "":
		return "."
	case string(genesys.PermissionMissing):
		return ". Whoever’s token the batch ran with may not do that."
	}
	return ". " + respond.ProblemTitle(problem) + "."
}

// who says who can still do it.
func (l left) who() string {
	switch {
	case l.problem == string(genesys.ScopeMissing), l.problem == string(genesys.PermissionMissing):
		return respond.WhoCan(l.step, l.problem, l.permission)
	case l.problem == playbook.Busy:
		return "Prepare another batch of them once their interactions are over."
	case l.problem == batch.Oneself:
		return "Somebody else with the permission can do it about you."
	case l.run == batch.Skipped:
		return "It was not tried: nobody was asked after the revocation failed, or the batch ended."
	case l.run == batch.Unknown:
		return "Look at their pages, and try it again: doing it twice does no harm."
	}
	return "It can be tried again: retry the failed ones from the batch’s page, or open the person’s page."
}
