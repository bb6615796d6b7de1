package views

import "testing"

func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		t.Run(want, func(t *testing.T) {
			if got := Number(n); got != want {
				t.Errorf("%q", got)
			}
		})
	}
}
