package main

import (
	"bytes"
	"context"
	"net/http"

	"tokenconsole/internal/genesys"
)

// floorPage is what a page of a token takes at least; the console's has half as much again.
var floorPage = bytes.Repeat([]byte("A page of six thousand bytes. "), 200)

// serveFloor serves the least that a page of a token can be: one call of the
// platform, decoded, and a constant page.
func serveFloor(ctx context.Context, platform string) error {
	client := genesys.NewClient(platform, genesys.NewTransport())
	token := genesys.NewSecret(bearer)
	return serve(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := client.GetTokensMe(r.Context(), token, genesys.ResetIdle); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(floorPage)
	}))
}

// bearer is the stub's one token.
const bearer = "load-test-token-that-opens-nothing-anywhere-0123456789"
