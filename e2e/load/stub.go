package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// The stub's one organization and its people; ids are made from their number.
const (
	organizationID = "organization"
	stubPeople     = 25
)

func personID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// serveStub answers the platform's calls at once, always the same.
func serveStub(ctx context.Context) error {
	mux := http.NewServeMux()
	answer := func(pattern string, status int, body string) {
		content := []byte(body)
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h["Content-Type"] = []string{"application/json"}
			h["Inin-Correlation-Id"] = []string{"6c9e4a6e-0f0f-4a53-9a51-3f6f0c6a5a11"}
			w.WriteHeader(status)
			_, _ = w.Write(content)
		})
	}
	answer("GET /api/v2/tokens/me", http.StatusOK, tokenInfo)
	answer("GET /api/v2/users/{id}", http.StatusOK, person(1))
	answer("GET /api/v2/users", http.StatusOK, people("entities"))
	answer("POST /api/v2/users/search", http.StatusOK, people("results"))
	answer("DELETE /api/v2/tokens/{id}", http.StatusNoContent, "")
	answer("GET /", http.StatusNotFound, `{"message":"No such thing","code":"not.found","status":404}`)
	return serve(ctx, mux)
}

const tokenInfo = `{"organization":{"id":"organization","name":"Demo"},"homeOrganization":{"id":"organization","name":"Demo"},` +
	`"authorizedScope":["user-basic-info","users:readonly"],"dateTokenIdles":"2099-01-01T00:00:00.000Z",` +
	`"OAuthClient":{"id":"4f0f2f50-8f0a-4d35-a6a3-5c1c6a1f3f01","name":"tokenconsole",` +
	`"organization":{"id":"organization","name":"Demo"},"authorizedGrantType":"CODE","state":"active"}}`

func person(n int) string {
	return fmt.Sprintf(`{"id":%q,"name":"Person %d of Demo","email":"p%d@demo.example","department":"Support","title":"Agent",`+
		`"state":"active","division":{"id":"division","name":"Home"},"manager":{"id":%q,"name":"Person 0 of Demo","version":1},`+
		`"lastTokenIssued":{"dateIssued":"2026-01-01T08:00:00.000Z"},"dateLastLogin":"2026-01-01T08:00:00.000Z",`+
		`"presence":{"presenceDefinition":{"systemPresence":"Available"},"modifiedDate":"2026-01-01T08:00:00.000Z"},`+
		`"routingStatus":{"status":"IDLE","startTime":"2026-01-01T08:00:00.000Z"},"version":1}`, personID(n), n, n, personID(0))
}

func people(field string) string {
	all := make([]string, stubPeople)
	for n := range all {
		all[n] = person(n + 1)
	}
	return fmt.Sprintf(`{%q:[%s],"total":%d,"pageCount":1,"pageSize":25,"pageNumber":1,"types":["users"]}`,
		field, strings.Join(all, ","), stubPeople)
}

// serve serves h on a free port of loopback, prints its address, and ends with ctx.
func serve(ctx context.Context, h http.Handler) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Printf("at http://%s\n", listener.Addr())
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}
