package genesys

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asRead is an organization's timeout with all that the vendor describes and
// two members that it does not.
const asRead = `{"later":{"a":[1, 2.50]},"idleTokenTimeoutSeconds":1800,"enableIdleTokenTimeout":false,` +
	`"inactivityTimeoutUnit":"MINUTES","inactivityTimeoutGroupsEnabled":true,"inactivityTimeoutGroupBundles":[` +
	`{"priority":2,"timeoutSeconds":900,"inactivityTimeoutUnit":"MINUTES","groups":["g1","g2"],"note":null},` +
	`{"priority":1,"timeoutSeconds":300,"groups":[]}]}`

func readTimeout(t *testing.T, content string) IdleTokenTimeout {
	t.Helper()
	var got IdleTokenTimeout
	if err := json.Unmarshal([]byte(content), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func written(t *testing.T, timeout IdleTokenTimeout) string {
	t.Helper()
	content, err := json.Marshal(timeout)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestTimeoutIsRead(t *testing.T) {
	t.Parallel()
	got := readTimeout(t, asRead)
	want := IdleTokenTimeout{Seconds: 1800, Unit: "MINUTES", GroupsEnabled: true, Groups: []TimeoutGroup{
		{Priority: 2, Seconds: 900, Unit: "MINUTES", GroupIDs: []string{"g1", "g2"}}, {Priority: 1, Seconds: 300, GroupIDs: []string{}},
	}}
	ignored := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".read" }, cmp.Ignore())
	if d := cmp.Diff(want, got, ignored, cmp.AllowUnexported(IdleTokenTimeout{}, TimeoutGroup{})); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestTimeoutIsSentBackWhole holds that a change made here wipes nothing that
// was read, whatever it is called and in which group it stands.
func TestTimeoutIsSentBackWhole(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		read   string
		change func(*IdleTokenTimeout)
		want   string
	}{
		"nothing changed": {asRead, func(*IdleTokenTimeout) {},
			`{"later":{"a":[1,2.50]},"idleTokenTimeoutSeconds":1800,"enableIdleTokenTimeout":false,` +
				`"inactivityTimeoutUnit":"MINUTES","inactivityTimeoutGroupsEnabled":true,"inactivityTimeoutGroupBundles":[` +
				`{"priority":2,"timeoutSeconds":900,"inactivityTimeoutUnit":"MINUTES","groups":["g1","g2"],"note":null},` +
				`{"priority":1,"timeoutSeconds":300,"groups":[]}]}`},
		"switched on with other seconds": {asRead, func(t *IdleTokenTimeout) { t.Seconds, t.Enabled = 600, true },
			`{"later":{"a":[1,2.50]},"idleTokenTimeoutSeconds":600,"enableIdleTokenTimeout":true,` +
				`"inactivityTimeoutUnit":"MINUTES","inactivityTimeoutGroupsEnabled":true,"inactivityTimeoutGroupBundles":[` +
				`{"priority":2,"timeoutSeconds":900,"inactivityTimeoutUnit":"MINUTES","groups":["g1","g2"],"note":null},` +
				`{"priority":1,"timeoutSeconds":300,"groups":[]}]}`},
		"one group changed": {asRead, func(t *IdleTokenTimeout) {
			t.Groups = append([]TimeoutGroup(nil), t.Groups...)
			t.Groups[0].Seconds = 1200
		},
			`{"later":{"a":[1,2.50]},"idleTokenTimeoutSeconds":1800,"enableIdleTokenTimeout":false,` +
				`"inactivityTimeoutUnit":"MINUTES","inactivityTimeoutGroupsEnabled":true,"inactivityTimeoutGroupBundles":[` +
				`{"priority":2,"timeoutSeconds":1200,"inactivityTimeoutUnit":"MINUTES","groups":["g1","g2"],"note":null},` +
				`{"priority":1,"timeoutSeconds":300,"groups":[]}]}`},
		"members that are null": {`{"idleTokenTimeoutSeconds":null,"inactivityTimeoutGroupBundles":null}`,
			func(t *IdleTokenTimeout) { t.Enabled = true },
			`{"idleTokenTimeoutSeconds":null,"inactivityTimeoutGroupBundles":null,"enableIdleTokenTimeout":true}`},
		"members of a group that are null": {`{"idleTokenTimeoutSeconds":900,"enableIdleTokenTimeout":true,` +
			`"inactivityTimeoutGroupBundles":[{"priority":null,"timeoutSeconds":300,"groups":null}]}`,
			func(t *IdleTokenTimeout) {
				t.Groups = append([]TimeoutGroup(nil), t.Groups...)
				t.Groups[0].Seconds = 600
			},
			`{"idleTokenTimeoutSeconds":900,"enableIdleTokenTimeout":true,` +
				`"inactivityTimeoutGroupBundles":[{"priority":null,"timeoutSeconds":600,"groups":null}]}`},
		"the first member": {`{"enableIdleTokenTimeout":true,"idleTokenTimeoutSeconds":900}`,
			func(t *IdleTokenTimeout) { t.Enabled = false },
			`{"enableIdleTokenTimeout":false,"idleTokenTimeoutSeconds":900}`},
		"the older two members": {`{"idleTokenTimeoutSeconds":900,"enableIdleTokenTimeout":true}`,
			func(t *IdleTokenTimeout) { t.Enabled = false },
			`{"idleTokenTimeoutSeconds":900,"enableIdleTokenTimeout":false}`},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := readTimeout(t, test.read)
			before := written(t, timeout)
			changed := timeout
			test.change(&changed)
			if d := cmp.Diff(test.want, written(t, changed)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if after := written(t, timeout); after != before {
				t.Errorf("the value that was copied changed too: %s", after)
			}
		})
	}
}

func TestTimeoutThatWasNotRead(t *testing.T) {
	t.Parallel()
	got := written(t, IdleTokenTimeout{Seconds: 900, Enabled: true, GroupsEnabled: true, Groups: []TimeoutGroup{{Priority: 1, Seconds: 300}}})
	want := `{"idleTokenTimeoutSeconds":900,"enableIdleTokenTimeout":true,"inactivityTimeoutGroupsEnabled":true,` +
		`"inactivityTimeoutGroupBundles":[{"priority":1,"timeoutSeconds":300,"groups":null}]}`
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestSameTimeout tells a change that changes nothing from one that does.
func TestSameTimeout(t *testing.T) {
	t.Parallel()
	off := readTimeout(t, asRead)
	on := off
	on.Enabled = true
	for name, test := range map[string]struct {
		from, to IdleTokenTimeout
		want     bool
	}{
		"off to off":                   {off, off, true},
		"off to off with other number": {off, IdleTokenTimeout{600, false, off.Unit, true, off.Groups, off.read}, true},
		"off to on":                    {off, on, false},
		"on to on":                     {on, on, true},
		"on with other seconds":        {on, IdleTokenTimeout{600, true, on.Unit, true, on.Groups, on.read}, false},
		"another unit":                 {off, IdleTokenTimeout{1800, false, "HOURS", true, off.Groups, off.read}, false},
		"groups switched off":          {off, IdleTokenTimeout{1800, false, off.Unit, false, off.Groups, off.read}, false},
		"a group less":                 {off, IdleTokenTimeout{1800, false, off.Unit, true, off.Groups[:1], off.read}, false},
		"written with other blanks":    {readTimeout(t, `{"later":[1,2]}`), readTimeout(t, `{ "later" : [1, 2] }`), true},
		"written with other escapes":   {readTimeout(t, `{"later":"a&b"}`), readTimeout(t, `{"later":"a\u0026b"}`), true},
		"in another order":             {readTimeout(t, `{"x":1,"y":2}`), readTimeout(t, `{"y":2,"x":1}`), true},
		"an unknown member differs":    {readTimeout(t, `{"later":1}`), readTimeout(t, `{"later":2}`), false},
		"an unknown member is gone":    {readTimeout(t, `{"later":1}`), readTimeout(t, `{}`), false},
		"another unknown member":       {readTimeout(t, `{"later":1}`), readTimeout(t, `{"sooner":1}`), false},
		"in a group": {readTimeout(t, `{"inactivityTimeoutGroupBundles":[{"x":1}]}`),
			readTimeout(t, `{"inactivityTimeoutGroupBundles":[{"x":2}]}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.from.Same(test.to); got != test.want {
				t.Errorf("%t from %s to %s", got, written(t, test.from), written(t, test.to))
			}
		})
	}
}

func TestTimeoutThatIsNone(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		`[]`, `7`, `"x"`, `{"idleTokenTimeoutSeconds":"1800"}`, `{"inactivityTimeoutGroupBundles":{}}`,
		`{"inactivityTimeoutGroupBundles":[7]}`, `{"inactivityTimeoutGroupBundles":[{"groups":"g1"}]}`,
		`{"inactivityTimeoutUnit":7}`, `{"inactivityTimeoutGroupsEnabled":"yes"}`,
	} {
		var got IdleTokenTimeout
		if err := json.Unmarshal([]byte(content), &got); err == nil {
			t.Errorf("%s reads as %+v", content, got)
		}
	}
}
