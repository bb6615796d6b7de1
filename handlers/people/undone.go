package people

import (
	"net/http"

	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/views"
)

// whatCame says in words what came of a step.
func whatCame(step playbook.SheetStep, s playbook.Sheet) string {
	e := step.Outcome
	told := ""
	if step.Step == playbook.Factors && e.Tally != (audit.Tally{}) {
		told = respond.FactorsTold(e) + ". "
	}
	switch {
	case e.Seq == 0 && step.Asked.Seq != 0:
		return "Asked. The answer is not on the record."
	case e.Seq == 0:
		return notTried(s)
	case e.Outcome == audit.Unknown:
		return told + "The request was sent, and not confirmed. " + stoodInTheWay(e.Problem) + "."
	case e.Problem != "":
		return told + stoodInTheWay(e.Problem) + "."
	}
	switch step.Step {
	case playbook.Factors:
		if e.Count == 0 {
			return "There were none."
		}
		return respond.FactorsTold(e) + "."
	case playbook.Station:
		return "Genesys Cloud confirmed. It takes effect in a moment."
	}
	return "Genesys Cloud confirmed."
}

// stoodInTheWay is a problem in words for everybody who reads the sheet: not all of them ran the playbook.
func stoodInTheWay(problem string) string {
	switch problem {
	case string(genesys.TokenInvalid):
		return "The token of whoever ran it was no longer valid"
	case string(genesys.PermissionMissing):
		return "Genesys Cloud refused: whoever ran it lacks the permission"
	}
	return respond.ProblemTitle(problem)
}

// notTried says why a step was not tried.
func notTried(s playbook.Sheet) string {
	switch s.Outcome.Problem {
	case "":
		return "Not tried yet, or cut off before."
	case playbook.Busy:
		return "Skipped: in an interaction."
	}
	return "Not tried: " + lowerFirst(stoodInTheWay(s.Outcome.Problem)) + "."
}

// undone says about a step that is not done why, and who can do it.
func undone(s playbook.Sheet, step playbook.SheetStep, row views.SheetRow) views.Undone {
	return views.Undone{Label: row.Label, Why: row.What, Who: whoCan(s, step)}
}

func whoCan(s playbook.Sheet, step playbook.SheetStep) string {
	e := step.Outcome
	switch {
	case e.Seq == 0 && s.Outcome.Problem == playbook.Busy:
		return "Run the playbook again once the interaction is over."
	case e.Seq == 0:
		return "It can be tried again."
	case e.Problem == string(genesys.ScopeMissing), e.Problem == string(genesys.PermissionMissing):
		return respond.WhoCan(step.Step, e.Problem, e.Permission)
	case e.PlatformStatus == http.StatusConflict:
		return "Somebody else changed them at the same time, twice. Look at their page, and try it again."
	case e.Problem == string(genesys.NotFound):
		return "Genesys Cloud does not find them any more. If their page is gone too, nothing is left to be done."
	case e.Problem == string(genesys.PlatformRefused):
		return "Give the correlation id to whoever runs this console: trying it again may not help."
	case e.Outcome == audit.Unknown:
		return "Look at their page, and try it again: doing it twice does no harm."
	case e.Problem == string(genesys.TokenInvalid):
		return "Sign in again, and try it again."
	}
	return "It can be tried again."
}
