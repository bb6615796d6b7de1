package batches

import "tokenconsole/internal/batch"

// stepColumns are the columns of a report for the steps that b takes besides the tokens.
func stepColumns(b batch.Batch) []column {
	var columns []column
	for _, step := range b.Beside() {
		add := func(name string, of func(batch.Person, batch.StepRun) string) {
			columns = append(columns, column{string(step) + name, func(p batch.Person) string {
				return of(p, p.Step(step))
			}})
		}
		add("", func(p batch.Person, s batch.StepRun) string { return string(stateOf(p, s)) })
		add("_status", func(_ batch.Person, s batch.StepRun) string { return number(s.Status) })
		add("_problem", func(_ batch.Person, s batch.StepRun) string { return s.Problem })
		add("_at", func(_ batch.Person, s batch.StepRun) string { return instant(s.At) })
		add("_correlation_id", func(_ batch.Person, s batch.StepRun) string { return s.CorrelationID })
		add("_entry", func(_ batch.Person, s batch.StepRun) string { return number(int(s.Entry)) })
	}
	return columns
}

// stepJSON is what came of a step about a person, besides the tokens.
type stepJSON struct {
	Step          string `json:"step"`
	State         string `json:"state"`
	Status        int    `json:"status"`
	Problem       string `json:"problem,omitempty"`
	Permission    string `json:"permission,omitempty"`
	At            string `json:"at,omitempty"`
	CorrelationID string `json:"correlationId"`
	Entry         int64  `json:"entry"`
	Tries         int    `json:"tries"`
}

func stepsJSON(p batch.Person) []stepJSON {
	var list []stepJSON
	for _, s := range p.Steps {
		list = append(list, stepJSON{
			Step: string(s.Step), State: string(stateOf(p, s)), Status: s.Status, Problem: s.Problem, Permission: s.Permission,
			At: instant(s.At), CorrelationID: s.CorrelationID, Entry: s.Entry, Tries: s.Tries,
		})
	}
	return list
}
