package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Permissions that the calls about what a token leaves behind need.
const (
	PermissionEditUser               = "directory:user:edit"
	PermissionDisassociateStation    = "telephony:station:disassociate"
	PermissionViewPresenceDefinition = "presence:presenceDefinition:view"
	PermissionViewVerifier           = "mfa:verifier:view"
	PermissionDeleteVerifier         = "mfa:verifier:delete"
)

// Scopes that these calls need.
const (
	ScopeUsers    = "users"
	ScopePresence = "presence"
)

// States of a user, as the platform names them.
const (
	UserActive   = "active"
	UserInactive = "inactive"
	UserDeleted  = "deleted"
)

// offQueue is the routing status of somebody who gets no interactions.
const offQueue = "OFF_QUEUE"

// ErrUnchanged says that the platform took a change and then told another state
// than the one asked for.
var ErrUnchanged = errors.New("the answer tells another state than asked for")

// DeleteUserStationAssociatedstation frees the station that user is associated with
// (DELETE /api/v2/users/{userId}/station/associatedstation; permission
// telephony:station:disassociate, scope users). The platform answers 202: it does so
// in a moment. It is never retried.
func (cl *Client) DeleteUserStationAssociatedstation(ctx context.Context, token Secret, user UserID) (Receipt, error) {
	if user.IsZero() {
		return Receipt{}, ErrUserID
	}
	return cl.do(ctx, token, call{
		operation: "DeleteUserStationAssociatedstation", method: http.MethodDelete,
		path: userPath(user) + "/station/associatedstation",
	})
}

// PutUserRoutingstatus takes user off queue (PUT /api/v2/users/{userId}/routingstatus;
// the platform names no permission, scope users). ErrAnotherUser: the reply names
// somebody else. ErrUnchanged: it does not tell that they are off queue.
func (cl *Client) PutUserRoutingstatus(ctx context.Context, token Secret, user UserID) (Receipt, error) {
	if user.IsZero() {
		return Receipt{}, ErrUserID
	}
	const operation = "PutUserRoutingstatus"
	var set struct {
		UserID string `json:"userId"`
		Status string `json:"status"`
	}
	receipt, err := cl.do(ctx, token, call{
		operation: operation, method: http.MethodPut, path: userPath(user) + "/routingstatus",
		body: map[string]string{"status": offQueue}, reply: &set,
	})
	switch {
	case err != nil:
		return receipt, err
	case set.UserID != "" && set.UserID != user.String():
		return receipt, anotherUser(operation, receipt)
	case set.Status != offQueue:
		return receipt, unchanged(operation, receipt)
	}
	return receipt, nil
}

// PresenceDefinition is one of the organization's presences (the vendor's
// OrganizationPresenceDefinition).
type PresenceDefinition struct {
	ID             string `json:"id"`
	Type           string `json:"type"` // System, User
	SystemPresence string `json:"systemPresence"`
	Deactivated    bool   `json:"deactivated"`
}

// GetPresenceDefinitions lists the organization's presences (GET
// /api/v2/presence/definitions; permission presence:presenceDefinition:view, scope
// presence:readonly).
func (cl *Client) GetPresenceDefinitions(ctx context.Context, token Secret) ([]PresenceDefinition, error) {
	var page struct {
		Entities []PresenceDefinition `json:"entities"`
	}
	_, err := cl.do(ctx, token, call{
		operation: "GetPresenceDefinitions", method: http.MethodGet, path: "/api/v2/presence/definitions", reply: &page,
	})
	return page.Entities, err
}

// PatchUserPresencesPurecloud sets the presence of user (PATCH
// /api/v2/users/{userId}/presences/purecloud; the platform names no permission, scope
// presence). Definition is the id of a PresenceDefinition. ErrUnchanged: the reply
// does not tell that presence.
func (cl *Client) PatchUserPresencesPurecloud(ctx context.Context, token Secret, user UserID, definition string) (Receipt, error) {
	if user.IsZero() {
		return Receipt{}, ErrUserID
	}
	const operation = "PatchUserPresencesPurecloud"
	type presence struct {
		Definition struct {
			ID string `json:"id"`
		} `json:"presenceDefinition"`
	}
	var asked, set presence
	asked.Definition.ID = definition
	receipt, err := cl.do(ctx, token, call{
		operation: operation, method: http.MethodPatch, path: userPath(user) + "/presences/purecloud",
		body: asked, reply: &set,
	})
	if err == nil && set.Definition.ID != definition {
		return receipt, unchanged(operation, receipt)
	}
	return receipt, err
}

// PatchUser deactivates user, as they were read with that version (PATCH
// /api/v2/users/{userId}; permission directory:user:edit or
// directory:organization:admin, scope users). They lose all roles, and activating them
// again does not bring the roles back. It is never retried: ErrConflict says that
// somebody changed the user since they were read. ErrAnotherUser: the reply names
// somebody else. ErrUnchanged: it does not tell that they are inactive.
func (cl *Client) PatchUser(ctx context.Context, token Secret, user UserID, version int) (Receipt, error) {
	if user.IsZero() {
		return Receipt{}, ErrUserID
	}
	const operation = "PatchUser"
	var set User
	receipt, err := cl.do(ctx, token, call{
		operation: operation, method: http.MethodPatch, path: userPath(user),
		body: map[string]any{"state": UserInactive, "version": version}, reply: &set,
	})
	switch {
	case err != nil:
		return receipt, err
	case set.ID != user:
		return receipt, anotherUser(operation, receipt)
	case set.State != UserInactive:
		return receipt, unchanged(operation, receipt)
	}
	return receipt, nil
}

// Verifier is a second factor of somebody (the vendor's Verifier).
type Verifier struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// GetUserVerifiers lists the second factors of user (GET
// /api/v2/users/{userId}/verifiers; permission mfa:verifier:view, scope users:readonly).
func (cl *Client) GetUserVerifiers(ctx context.Context, token Secret, user UserID) ([]Verifier, Receipt, error) {
	if user.IsZero() {
		return nil, Receipt{}, ErrUserID
	}
	var page struct {
		Entities []Verifier `json:"entities"`
	}
	receipt, err := cl.do(ctx, token, call{
		operation: "GetUserVerifiers", method: http.MethodGet, path: userPath(user) + "/verifiers", reply: &page,
	})
	return page.Entities, receipt, err
}

// DeleteUserVerifier removes a second factor of user (DELETE
// /api/v2/users/{userId}/verifiers/{verifierId}; permission mfa:verifier:delete, scope
// users). It is never retried.
func (cl *Client) DeleteUserVerifier(ctx context.Context, token Secret, user UserID, verifier string) (Receipt, error) {
	const operation = "DeleteUserVerifier"
	switch {
	case user.IsZero():
		return Receipt{}, ErrUserID
	case verifier == "" || verifier == "." || verifier == "..":
		return Receipt{}, fmt.Errorf("%s: no id of a second factor", operation)
	}
	return cl.do(ctx, token, call{
		operation: operation, method: http.MethodDelete, path: userPath(user) + "/verifiers/" + url.PathEscape(verifier),
	})
}

func userPath(user UserID) string { return "/api/v2/users/" + user.String() }

// unchanged is the error for a reply that confirms something else than was asked.
func unchanged(operation string, r Receipt) error {
	return &NoAnswerError{Operation: operation, Sent: true, CorrelationID: r.CorrelationID, Err: ErrUnchanged}
}
