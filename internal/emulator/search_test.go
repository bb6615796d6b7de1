package emulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("supervisor@demo.example")
	id := w.emulator.UserByEmail
	tests := []struct {
		name, query string // the criteria
		want        []string
	}{
		{"exact email, any case", `{"type":"EXACT","fields":["email"],"value":"Agent@Demo.Example"}`, []string{"Mina Keller"}},
		{"exact id", `{"type":"EXACT","fields":["id"],"values":["` + id("admin@demo.example") + `","` + id("agent@demo.example") + `"]}`, []string{"Ada Park", "Mina Keller"}},
		{"start of either field", `{"type":"STARTS_WITH","fields":["name","email"],"value":"jun"}`, []string{"Jun Zhang", "Jun Zhang"}},
		{"inside, with apostrophe", `{"type":"CONTAINS","fields":["name"],"value":"h O'Co"}`, []string{"Niamh O'Connor"}},
		{"diacritics", `{"type":"EXACT","fields":["name"],"value":"ŁUKASZ IVANOVA"}`, []string{"Łukasz Ivanova"}},
		{"hostile text", `{"type":"CONTAINS","fields":["name"],"value":"<img"}`, []string{hostileName}},
		{"a word", `{"type":"TERM","fields":["name"],"value":"ortiz"}`, []string{"Samuel Ortiz"}},
		{"part of a word is no term", `{"type":"TERM","fields":["name"],"value":"orti"}`, nil},
		{"words", `{"type":"TERMS","fields":["name"],"values":["ortiz","keller"]}`, []string{"Mina Keller", "Samuel Ortiz"}},
		{"query string", `{"type":"QUERY_STRING","value":"kel* mina","fields":["name"]}`, []string{"Mina Keller"}},
		{"username", `{"type":"EXACT","fields":["username"],"value":"admin@demo.example"}`, []string{"Ada Park"}},
		{"and", `{"type":"TERM","fields":["name"],"value":"zhang"},{"type":"EXACT","fields":["department"],"value":"Claims"}`, []string{"Jun Zhang"}},
		{"or", `{"type":"TERM","fields":["name"],"value":"park","operator":"OR"},{"type":"TERM","fields":["name"],"value":"ortiz","operator":"OR"}`, []string{"Ada Park", "Samuel Ortiz"}},
		{"not", `{"type":"EXACT","fields":["department"],"value":"Operations"},{"type":"TERM","fields":["title"],"value":"supervisor","operator":"NOT"}`, []string{"Ada Park"}},
		{"group", `{"type":"EXACT","fields":["department"],"value":"Operations"},{"group":[{"type":"TERM","fields":["name"],"value":"park","operator":"OR"},{"type":"TERM","fields":["name"],"value":"keller","operator":"OR"}]}`, []string{"Ada Park"}},
		{"active by default", `{"type":"EXACT","fields":["email"],"value":"farid.vasquez@demo.example"}`, nil},
		{"deleted if asked", `{"type":"EXACT","fields":["email"],"value":"farid.vasquez@demo.example"},{"type":"EXACT","fields":["state"],"values":["active","inactive","deleted"]}`, []string{"Farid Vásquez"}},
		{"expression for the whole field", `{"type":"REGEX","fields":["name"],"value":"a.a par[kl]"}`, []string{"Ada Park"}},
		{"expression for a part is none", `{"type":"REGEX","fields":["name"],"value":"ada"}`, nil},
		{"everybody", `{"type":"MATCH_ALL"},{"type":"EXACT","fields":["email"],"value":"agent@demo.example"}`, []string{"Mina Keller"}},
		{"fields that are filled in", `{"type":"REQUIRED_FIELDS","fields":["manager.id","department"]},{"type":"EXACT","fields":["department"],"value":"Operations"}`, []string{"Samuel Ortiz"}},
		{"a field that nobody fills in", `{"type":"REQUIRED_FIELDS","fields":["routingSkills.name"]}`, nil},
		{"manager", `{"type":"EXACT","fields":["manager.id"],"value":"` + id("admin@demo.example") + `"}`, []string{"Samuel Ortiz"}},
		{"the trustee belongs elsewhere", `{"type":"EXACT","fields":["email"],"value":"trustee@partner.example"}`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := w.call(token, "POST", "/api/v2/users/search", `{"query":[`+test.query+`]}`)
			if got.status != 200 {
				t.Fatalf("%d %s", got.status, got.body)
			}
			if d := cmp.Diff(test.want, names(got)); d != "" {
				t.Error("found (-want +got):", d)
			}
		})
	}
}

func names(got reply) []string {
	var found []string
	for _, u := range got.json["results"].([]any) {
		found = append(found, u.(map[string]any)["name"].(string))
	}
	return found
}

func TestSearchOrderAndPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("supervisor@demo.example")
	search := func(body string) reply { return w.call(token, "POST", "/api/v2/users/search", body) }

	best := names(search(`{"query":[{"type":"CONTAINS","fields":["name","email"],"value":"agent@demo.example"}]}`))
	if len(best) == 0 || best[0] != "Mina Keller" {
		t.Errorf("the best match is not first: %v", best)
	}
	all := `"query":[{"type":"EXACT","fields":["department"],"value":"Claims"}]`
	up, down := names(search(`{`+all+`,"sortBy":"name","sortOrder":"ASC"}`)), names(search(`{`+all+`,"sort":[{"sortBy":"name","sortOrder":"DESC"}]}`))
	if len(up) < 3 || up[0] != down[len(down)-1] || strings.Compare(up[0], up[1]) > 0 {
		t.Errorf("sorted up %v, down %v", up, down)
	}
	page := search(`{` + all + `,"sortBy":"name","pageSize":2,"pageNumber":2,"expand":["lasttokenissued"]}`)
	if d := cmp.Diff(up[2:4], names(page)); d != "" {
		t.Error("second page (-want +got):", d)
	}
	delete(page.json, "results")
	want := map[string]any{
		"total": float64(len(up)), "pageCount": float64((len(up) + 1) / 2), "pageSize": 2.0, "pageNumber": 2.0, "types": []any{"users"},
	}
	if d := cmp.Diff(want, page.json); d != "" {
		t.Error("paging (-want +got):", d)
	}
}

// A search expands what is declared for it, and neither evidence of sign-ins.
func TestSearchExpands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("supervisor@demo.example")
	got := w.call(token, "POST", "/api/v2/users/search", `{"query":[{"type":"EXACT","fields":["email"],"value":"agent@demo.example"}],`+
		`"expand":["lasttokenissued","dateLastLogin","presence","routingStatus","authorization"]}`)
	found := got.json["results"].([]any)[0].(map[string]any)
	for field, want := range map[string]bool{
		"presence": true, "routingStatus": true, "authorization": true, "lastTokenIssued": false, "dateLastLogin": false,
	} {
		if got := found[field] != nil; got != want {
			t.Errorf("%s there: %t", field, got)
		}
	}
}

func TestSearchRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("supervisor@demo.example")
	criterion := `{"type":"EXACT","fields":["name"],"value":"x"}`
	values, _ := json.Marshal(strings.Split(strings.Repeat("x,", maxValues), ","))
	tests := map[string][2]string{
		"criteria":         {`{"query":[` + strings.Repeat(criterion+",", maxCriteria) + criterion + `]}`, "too.many.search.criteria"},
		"values":           {fmt.Sprintf(`{"query":[{"type":"EXACT","fields":["id"],"values":%s}]}`, values), "search.criteria.values.exceed.limit"},
		"page size":        {`{"pageSize":101}`, "too.many.requested.results"},
		"page number":      {`{"pageSize":100,"pageNumber":101}`, "too.many.requested.results"},
		"unknown field":    {`{"query":[{"type":"EXACT","fields":["shoe size"],"value":"x"}]}`, "invalid.property"},
		"unknown type":     {`{"query":[{"type":"SOUNDS_LIKE","fields":["name"],"value":"x"}]}`, "invalid.value"},
		"unknown sort":     {`{"sortBy":"shoe size"}`, "invalid.property"},
		"no value":         {`{"query":[{"type":"EXACT","fields":["name"]}]}`, "bad.request"},
		"negative page":    {`{"pageNumber":-1}`, "bad.request"},
		"no expression":    {`{"query":[{"type":"REGEX","fields":["name"],"value":"("}]}`, "bad.request"},
		"no fields":        {`{"query":[{"type":"REQUIRED_FIELDS"}]}`, "bad.request"},
		"wrong value type": {`{"query":"x"}`, "bad.request"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			wants(t, w.call(token, "POST", "/api/v2/users/search", test[0]), 400, test[1])
		})
	}
}
