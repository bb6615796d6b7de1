package emulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"
)

const narrow = "/api/v2/oauth/clients/" + NarrowClientID

// A client that is read can be written back: what the emulator does not know stays,
// and so does its secret, whatever the body says of it.
func TestClientsAreWrittenBackWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.undescribed = true
	token := w.tokenOf("admin@demo.example")
	got := w.call(token, "GET", narrow, "")
	if got.status != 200 || got.json["secret"] != DemoClientSecret || got.json["state"] != "active" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	got.json["secret"], got.json["futureSetting"] = "changed", map[string]any{"a": 1.5}
	body, err := json.Marshal(got.json)
	if err != nil {
		t.Fatal(err)
	}
	put := w.call(token, "PUT", narrow, string(body))
	if put.status != 200 || put.json["secret"] != DemoClientSecret || put.json["futureSetting"] == nil {
		t.Errorf("%d %s", put.status, put.body)
	}
	if again := w.call(token, "GET", narrow, ""); again.json["futureSetting"] == nil {
		t.Errorf("the unknown member is gone: %s", again.body)
	}
}

func TestDisablingAClientEndsItsTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	doomed, refresh := w.tokensOf("agent@demo.example", NarrowClientID)
	set := func(state string) {
		t.Helper()
		got := w.call(token, "GET", narrow, "")
		got.json["state"] = state
		body, err := json.Marshal(got.json)
		if err != nil {
			t.Fatal(err)
		}
		if put := w.call(token, "PUT", narrow, string(body)); put.status != 200 || put.json["state"] != state {
			t.Fatalf("%d %s", put.status, put.body)
		}
	}
	set("disabled")
	if w.alive(doomed) || !w.alive(token) {
		t.Error("the wrong tokens died")
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
	refused(t, w.exchange(NarrowClientID, DemoClientSecret, form), 401, "invalid_client")
	set("active")
	if got := w.exchange(NarrowClientID, DemoClientSecret, url.Values{"grant_type": {"client_credentials"}}); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestClientsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	admin, supervisor := w.tokenOf("admin@demo.example"), w.tokenOf("supervisor@demo.example")
	scopeless, _ := w.tokensOf("admin@demo.example", NarrowClientID)
	for name, test := range map[string]struct {
		token, method, path, body string
		status                    int
		code                      string
	}{
		"without permission":       {supervisor, "GET", "/api/v2/oauth/clients", "", 403, "missing.any.permissions"},
		"without scope":            {scopeless, "GET", "/api/v2/oauth/clients", "", 403, "app.not.authorized.for.scope"},
		"an unknown one":           {admin, "GET", "/api/v2/oauth/clients/none", "", 404, "client.not.found"},
		"a change without grant":   {admin, "PUT", narrow, `{"name":"x"}`, 400, "grant.type.required"},
		"a change to another kind": {admin, "PUT", narrow, `{"name":"x","authorizedGrantType":"MAGIC"}`, 400, "bad.grant.type"},
		"client credentials without roles": {
			admin, "PUT", narrow, `{"name":"x","authorizedGrantType":"CLIENT-CREDENTIALS"}`, 400, "missing.client.roles",
		},
		"a result nobody asked for": {admin, "GET", narrow + "/usage/query/results/none", "", 404, "not.found"},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.call(test.token, test.method, test.path, test.body)
			if got.status != test.status || got.json["code"] != test.code {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

// Every client is on the list once, and its use is known when it is asked for a
// second time.
func TestClientsAndTheirUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	ids, pages := w.listed(token, "/api/v2/oauth/clients?pageSize=4")
	if len(ids) != 9 || pages != 3 || !slices.Contains(ids, NarrowClientID) {
		t.Errorf("%d pages, %q", pages, ids)
	}
	begun := w.call(token, "GET", "/api/v2/oauth/clients/"+DemoClientID+"/usage/summary?days=7", "")
	result := "/api/v2/oauth/clients/" + DemoClientID + "/usage/query/results/" + begun.json["executionId"].(string)
	if first := w.call(token, "GET", result, ""); begun.status != http.StatusAccepted || first.status != http.StatusAccepted {
		t.Errorf("%d, then %d", begun.status, first.status)
	}
	done := w.call(token, "GET", result, "")
	if done.json["queryStatus"] != "Complete" || done.json["results"].([]any)[0].(map[string]any)["requests"].(float64) < 5 {
		t.Errorf("%s", done.body)
	}
}
