package program

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLeaks(t *testing.T) {
	t.Parallel()
	// The fingerprint is that of the token "kX7-an.opaque~token".
	const token, fingerprint = "kX7-an.opaque~token", "1dd521a3"
	tests := []struct {
		name, log string
		secrets   []string
		want      []string
	}{
		{"nothing", `msg="signed in" fingerprint=` + fingerprint, []string{"verifier-123"}, nil},
		{"a known secret", "code=verifier-123 x", []string{"verifier-123"}, []string{"verifier-123"}},
		{"a short value is no secret", "status=ok", []string{"ok"}, nil},
		{"a token known by its fingerprint", `header="Bearer ` + token + `"`, nil, []string{token}},
		{"in JSON, twice", `{"a":"` + token + `","b":"` + token + `"}`, nil, []string{token}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := leaks(test.log, test.secrets, []string{fingerprint, ""})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("leaks (-want +got):\n%s", diff)
			}
		})
	}
}
