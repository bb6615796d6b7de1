package genesys

import (
	"context"
	"errors"
	"net/http"
)

// An Observer is told of every call, for metrics and traces.
type Observer interface {
	// CallBegan is told the vendor's name of the operation. The call is made with the context that it returns. The
	// function is told the end: the HTTP status, 0 without an answer, and the code of the problem, "" for none.
	CallBegan(ctx context.Context, operation string) (context.Context, func(status int, problem string))
	// RateLimit is told how many of the allowed calls a token has used, as a reply says it.
	RateLimit(used, allowed int)
}

// Observe has o told of every call from now on. It is for the time before the first.
func (p *Platform) Observe(o Observer) {
	for _, client := range p.clients {
		client.observer = o
	}
}

// OnProof has f told of every token that the platform has just read something for, and which so was alive, and of every
// one that it has just deleted or refused as not valid: that one is dead for good. It is for the time before the first
// call.
func (p *Platform) OnProof(f func(token Secret, alive bool)) {
	for _, client := range p.clients {
		client.proof = f
	}
}

// do sends c, and tells what is to be told. See send.
func (cl *Client) do(ctx context.Context, token Secret, c call) (Receipt, error) {
	receipt, err := cl.observed(ctx, token, c)
	switch {
	case errors.Is(err, ErrUnauthorized):
		cl.prove(token, false)
	case err == nil && c.method == http.MethodGet:
		cl.prove(token, true)
	}
	return receipt, err
}

func (cl *Client) prove(token Secret, alive bool) {
	if cl.proof != nil {
		cl.proof(token, alive)
	}
}

// observed sends c and tells the observer.
func (cl *Client) observed(ctx context.Context, token Secret, c call) (Receipt, error) {
	if cl.observer == nil {
		return cl.send(ctx, token, c)
	}
	ctx, ended := cl.observer.CallBegan(ctx, c.operation)
	receipt, err := cl.send(ctx, token, c)
	ended(receipt.Status, string(ProblemOf(err)))
	return receipt, err
}
