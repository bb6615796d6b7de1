package directory_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/directory"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

// platform is an emulated Genesys Cloud and somebody who looks for people there.
type platform struct {
	*testing.T
	directory.Finder
	url string
}

func newPlatform(t *testing.T, users int) *platform {
	t.Helper()
	server := httptest.NewServer(emulator.New(emulator.Options{Users: users, RateLimit: 1 << 20}))
	transport := genesys.NewTransport()
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	p := &platform{T: t, url: server.URL}
	var minted struct {
		AccessToken string `json:"access_token"`
	}
	p.backDoor(http.MethodPost, "tokens", `{"email":"supervisor@demo.example"}`, &minted)
	p.Finder = directory.Finder{Client: genesys.NewClient(server.URL, transport), Token: genesys.NewSecret(minted.AccessToken)}
	return p
}

func (p *platform) backDoor(method, what, body string, reply any) {
	p.Helper()
	req, err := http.NewRequestWithContext(p.Context(), method, p.url+"/emulator/"+what, strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		p.Fatalf("%s %s: %s %s %v", method, what, resp.Status, content, err)
	}
	if reply != nil {
		if err := json.Unmarshal(content, reply); err != nil {
			p.Fatal(err)
		}
	}
}

// find looks for people and checks how many calls that takes.
func (p *platform) find(t *testing.T, q directory.Query, calls int) directory.Found {
	t.Helper()
	p.backDoor(http.MethodDelete, "requests", "", nil)
	found, err := p.Find(t.Context(), q, 1)
	if err != nil {
		t.Fatal(err)
	}
	var journal []any
	p.backDoor(http.MethodGet, "requests", "", &journal)
	if len(journal) != calls {
		t.Errorf("it takes %d calls, want %d", len(journal), calls)
	}
	return found
}

func names(people []genesys.User) []string {
	var all []string
	for _, u := range people {
		all = append(all, u.Name)
	}
	return all
}

func TestWordsFindInAnyOrder(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, 60)
	for name, test := range map[string]struct {
		text  string
		want  string
		calls int
	}{
		"as the name is written":          {"mina keller", "Mina Keller", 1},
		"family name first":               {"keller mina", "Mina Keller", 1},
		"parts of words":                  {"ell mi", "Mina Keller", 1},
		"a name and a department":         {"BILLING keller", "Mina Keller", 1},
		"a name and a part of an address": {"agent@ mina", "Mina Keller", 1},
		"without accents":                 {"amara vasquez", "Amara Vásquez", 1},
		"an umlaut written out":           {"mueller", "Müller", 2},
		"a slashed o written out":         {"soeren", "Søren", 2},
		"accents that are none":           {"mína kéller", "Mina Keller", 2},
	} {
		t.Run(name, func(t *testing.T) {
			found := p.find(t, directory.Query{Text: test.text}, test.calls)
			if !slices.ContainsFunc(names(found.People), func(n string) bool { return strings.Contains(n, test.want) }) {
				t.Errorf("it finds %q", names(found.People))
			}
			if found.Query.Spelling != (test.calls == 2) {
				t.Errorf("other spellings are said to be tried: %v", found.Query.Spelling)
			}
		})
	}
}

// Nobody is found, so who is nearly meant is offered.
func TestNearMissesAreOffered(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, 60)
	for name, test := range map[string]struct{ text, want string }{
		"a letter too many":     {"kelller mina", "Mina Keller"},
		"a letter left out":     {"keler", "Mina Keller"},
		"two letters swapped":   {"mian keller", "Mina Keller"},
		"a wrong letter":        {"samuel ortis", "Samuel Ortiz"},
		"the two in the middle": {"eilidh okfaor", "Eilidh Okafor"},
		"the space left out":    {"minakeller", "Mina Keller"},
		"nothing of the sort":   {"wxqy", ""},
		"only one word fits":    {"mina wxqyz", ""},
		"words without letter":  {"%%% ???", ""},
	} {
		t.Run(name, func(t *testing.T) {
			found := p.find(t, directory.Query{Text: test.text}, 3-strings.Count(test.text, "%%%"))
			near := names(found.Near)
			if found.Total != 0 || test.want == "" && len(near) > 0 || test.want != "" && !slices.Contains(near, test.want) {
				t.Errorf("%d found, near: %q", found.Total, near)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, 60)
	for name, test := range map[string]struct {
		query directory.Query
		fits  func(genesys.User) bool
	}{
		"inactive people": {directory.Query{State: "inactive"}, func(u genesys.User) bool { return u.State == "inactive" }},
		"a department":    {directory.Query{Department: "billing"}, func(u genesys.User) bool { return u.Department == "Billing" }},
		"busy people":     {directory.Query{Busy: true}, genesys.User.Busy},
		"busy of a department": {
			directory.Query{Busy: true, Text: "billing"},
			func(u genesys.User) bool { return u.Busy() && u.Department == "Billing" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			found := p.find(t, test.query, 1)
			if found.Total == 0 || found.Total == 60 {
				t.Fatalf("%d people", found.Total)
			}
			for _, u := range found.People {
				if !test.fits(u) {
					t.Errorf("%s does not fit: %s, %s, %s", u.Name, u.State, u.Department, u.RoutingStatus.Status)
				}
			}
		})
	}
	everybody := p.find(t, directory.Query{}, 1)
	division := everybody.People[0].Division.ID
	if found := p.find(t, directory.Query{Division: division}, 1); found.Total == 0 || found.Total == everybody.Total {
		t.Errorf("%d people of a division, %d in all", found.Total, everybody.Total)
	}
}

func TestSorting(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, 60)
	for sort, key := range map[string]func(genesys.User) string{
		"":           func(u genesys.User) string { return strings.ToLower(u.Name) },
		"department": func(u genesys.User) string { return strings.ToLower(u.Department) },
		"state":      func(u genesys.User) string { return u.State },
	} {
		t.Run("by "+sort, func(t *testing.T) {
			for _, direction := range []string{"", "-"} {
				if sort == "" && direction == "-" {
					continue
				}
				people := p.find(t, directory.Query{Sort: direction + sort}, 1).People
				ordered := slices.IsSortedFunc(people, func(a, b genesys.User) int {
					c := strings.Compare(key(a), key(b))
					if direction == "-" {
						return -c
					}
					return c
				})
				if !ordered {
					t.Errorf("%q is not in order", direction+sort)
				}
			}
		})
	}
	found := p.find(t, directory.Query{Sort: "issued"}, 2)
	newestFirst := func(a, b genesys.User) int { return b.LastTokenIssued.DateIssued.Compare(a.LastTokenIssued.DateIssued) }
	if !found.HasTokens || !slices.IsSortedFunc(found.People, newestFirst) {
		t.Error("people are not sorted by their last token")
	}
	if found := newPlatform(t, 150).find(t, directory.Query{Sort: "issued"}, 2); !found.Unsorted || found.Total != 150 {
		t.Errorf("of %d people it says unsorted: %v", found.Total, found.Unsorted)
	}
}

// Whoever types all of an address or a name means that person.
func TestExact(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, 60)
	for text, want := range map[string]string{
		"Agent@Demo.example": "Mina Keller", "keller mina": "Mina Keller", "mina kell": "", "jun zhang": "", "": "", "nobody": "",
		"vasquez amara": "Amara Vásquez",
	} {
		t.Run(text, func(t *testing.T) {
			u, ok, err := p.Exact(t.Context(), directory.Query{Text: text})
			if err != nil || u.Name != want || ok != (want != "") {
				t.Errorf("%q, %v, %v", u.Name, ok, err)
			}
		})
	}
}

func TestAllReadsEverybody(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, 350)
	for limit, want := range map[int]int{1000: 350, 120: 120} {
		people, total, err := p.All(t.Context(), directory.Query{Text: "demo.example"}, limit)
		ids := map[string]bool{}
		for _, u := range people {
			ids[u.ID.String()] = true
		}
		if err != nil || total != 350 || len(ids) != want {
			t.Errorf("up to %d: %d of %d, %v", limit, len(ids), total, err)
		}
	}
}

func TestQueriesTravelInAddresses(t *testing.T) {
	t.Parallel()
	for _, q := range []directory.Query{
		{},
		{Text: "keller mina", State: "inactive", Department: "Night Desk", Division: "d", Busy: true, Spelling: true, Sort: "-issued"},
	} {
		if diff := cmp.Diff(q, directory.ParseQuery(q.Values())); diff != "" {
			t.Errorf("-sent +read:\n%s", diff)
		}
	}
	odd := url.Values{"q": {" x "}, "state": {"any"}, "sort": {"email"}, "busy": {"1"}, "department": {"\xff"}}
	if diff := cmp.Diff(directory.Query{Text: "x"}, directory.ParseQuery(odd)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Browsers drop line breaks from a field of one line, and would join the words around them.
func TestTextOfAQueryIsOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ada\npark": "ada park", "ada\r\npark": "ada  park", "ada\tpark": "ada park", "\nada\x00": "ada", "ada\u0085park": "ada park", "ada\xffpark": "ada park",
	} {
		if got := directory.ParseQuery(url.Values{"q": {text}}).Text; got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Vásquez": "vasquez", "ŁUKASZ": "lukasz", "Søren": "soren", "Yılmaz": "yilmaz", "Straße": "strasse", "Šimić": "simic", "Va\u0301squez": "vasquez",
	} {
		if got := directory.Fold(text); got != want {
			t.Errorf("%s is folded to %s", text, got)
		}
	}
}
