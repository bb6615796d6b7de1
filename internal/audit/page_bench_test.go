package audit

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"tokenconsole/internal/database"
)

// BenchmarkPage reads a page of 50 acts from the top, the middle and the end of a million entries, by everything that
// the record's page offers, alone and in pairs. The figure of a filter is the median at the slowest of these places.
func BenchmarkPage(b *testing.B) { benchmarkPage(b, million(b)) }

// BenchmarkPagePostgreSQL does the same on a PostgreSQL server beside the test.
func BenchmarkPagePostgreSQL(b *testing.B) { benchmarkPage(b, millionInPostgreSQL(b)) }

func benchmarkPage(b *testing.B, db *database.DB) {
	l := benchLog(db)
	var all []time.Duration
	for _, p := range pages() {
		b.Run(p.name, func(b *testing.B) {
			var places [3][]time.Duration
			cpu := cpuTime()
			for b.Loop() {
				for i, after := range []Cursor{{}, {seq: size / 2, set: true}, {seq: size / 1000, set: true}} {
					began := time.Now()
					if _, err := l.Acts(b.Context(), p.filter, after, 50); err != nil {
						b.Fatal(err)
					}
					places[i] = append(places[i], time.Since(began))
				}
			}
			slowest := time.Duration(0)
			for _, each := range places {
				slices.Sort(each)
				slowest = max(slowest, each[len(each)/2])
			}
			b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/float64(3*len(places[0])), "cpu-µs")
			b.ReportMetric(float64(slowest.Microseconds()), "median-µs")
			all = append(all, slowest)
		})
	}
	if len(all) > 0 {
		b.Logf("%d filters; the slowest takes %v", len(all), slices.Max(all))
	}
}

type namedFilter struct {
	name   string
	filter Filter
}

// A kind is a filter of the page, set in one of its fields.
type kind struct {
	field, name string
	set         func(f *Filter)
}

// kinds are what the fields of the page can hold: what many acts fit, few, or none.
func kinds() []kind {
	at := func(part time.Duration) time.Time { return epoch.Add(size * part / 100 * time.Second) }
	all := []kind{
		{"time", "time", func(f *Filter) { f.From, f.To = at(20), at(60) }},
		{"time", "day", func(f *Filter) { f.From, f.To = at(30), at(30).AddDate(0, 0, 1) }},
		{"outcome", "open", func(f *Filter) { f.Open = true }},
		{"batch", "batch", func(f *Filter) { f.Batch = "batch-500" }},
		{"own", "own-actor", func(f *Filter) { f.Own = "actor-7" }},
		{"own", "own-subject", func(f *Filter) { f.Own = "person-77" }},
	}
	for name, text := range map[string]string{"one": "person 77 ", "some": "person 77", "many": "99", "all": "person", "nobody": "zzz"} {
		all = append(all, kind{"person", "person-" + name, func(f *Filter) { f.Person = text }})
	}
	for name, text := range map[string]string{"one": "actor 7@", "all": "actor"} {
		all = append(all, kind{"actor", "actor-" + name, func(f *Filter) { f.Actor = text }})
	}
	for _, a := range []Action{Revoke, SignIn, Export} {
		all = append(all, kind{"action", string(a), func(f *Filter) { f.Action = a }})
	}
	for _, o := range Outcomes() {
		all = append(all, kind{"outcome", string(o), func(f *Filter) { f.Outcome = o }})
	}
	slices.SortFunc(all, func(a, b kind) int { return cmp.Compare(a.field+a.name, b.field+b.name) })
	return all
}

// pages are the kinds alone and in pairs.
func pages() []namedFilter {
	base := Filter{OrganizationID: "organization"}
	all := []namedFilter{{"everything", base}, {"nobody", Filter{OrganizationID: "organization", Nobody: true}}}
	for i, first := range kinds() {
		f := base
		first.set(&f)
		all = append(all, namedFilter{first.name, f})
		for _, second := range kinds()[i+1:] {
			if second.field != first.field {
				both := f
				second.set(&both)
				all = append(all, namedFilter{first.name + "+" + second.name, both})
			}
		}
	}
	return all
}
