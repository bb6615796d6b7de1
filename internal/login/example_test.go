package login_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
)

// A sign-in from its beginning to its tokens, with an emulated log-in server.
func Example() {
	const callback = "https://console.example/oauth/callback"
	platform := httptest.NewServer(emulator.New(emulator.Options{RedirectURIs: []string{callback}}))
	defer platform.Close()
	flow := login.New(emulator.DemoClientID, genesys.NewSecret(emulator.DemoClientSecret), callback,
		[]genesys.Region{{Domain: "demo", LoginURL: platform.URL}}, http.DefaultTransport, time.Now)

	authorizeURL, pending, err := flow.Begin(login.Request{Region: "demo", ReturnTo: "/users"})
	if err != nil {
		fmt.Println(err)
		return
	}
	returned := chooseAgent(authorizeURL) // what a person does in the browser
	if err := flow.Check(pending, returned.Get("state")); err != nil {
		fmt.Println(err)
		return
	}
	grant, err := flow.Finish(context.Background(), pending, returned.Get("code"))
	fmt.Println(grant.AccessToken, "to", pending.ReturnTo, err)
	// Output: [secret] to /users <nil>
}

// chooseAgent signs in on the authorize page and returns the callback's query.
func chooseAgent(authorizeURL string) url.Values {
	form := url.Values{"email": {"agent@demo.example"}}
	req, err := http.NewRequest(http.MethodPost, authorizeURL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		return nil
	}
	return back.Query()
}
