package session

import (
	"net/http/httptest"
	"testing"
)

func BenchmarkSeal(b *testing.B) {
	c := &clock{noon}
	st, br := newStore(b, c), &browser{TB: b}
	s := br.start(st, typical(b))
	r := br.request()
	b.ReportAllocs()
	for b.Loop() {
		if err := st.Save(httptest.NewRecorder(), r, s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(br.cookie(st.CookieName()).Value)), "bytes/cookie")
}

func BenchmarkOpen(b *testing.B) {
	c := &clock{noon}
	st, br := newStore(b, c), &browser{TB: b}
	br.start(st, typical(b))
	r := br.request()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := st.Load(r); err != nil {
			b.Fatal(err)
		}
	}
}
