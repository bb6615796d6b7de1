package genesys

import (
	"context"
	"net/url"
)

// Permissions that reading who belongs to what needs.
const (
	PermissionViewQueue = "routing:queue:view"
	PermissionViewTeam  = "groups:team:view"
	PermissionViewRole  = "authorization:role:view"
)

// Queue is a routing queue.
type Queue struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Division    Named  `json:"division"`
	MemberCount int    `json:"memberCount"`
}

// QueueMember is somebody whom a queue can give interactions.
type QueueMember struct {
	ID     UserID `json:"id"`
	Name   string `json:"name"`
	Joined bool   `json:"joined"`
}

// GetRoutingQueues lists the routing queues, by name (GET /api/v2/routing/queues;
// permission routing:queue:view, scope routing:readonly).
func (cl *Client) GetRoutingQueues(ctx context.Context, token Secret, from Position) (Listing[Queue], error) {
	return list[Queue](ctx, cl, token, "GetRoutingQueues", "/api/v2/routing/queues", nil, from)
}

// GetRoutingQueueMembers lists the members of a queue, on queue or not (GET
// /api/v2/routing/queues/{queueId}/members; permission routing:queue:view, scope
// routing:readonly). The platform names no total. ErrNotFound: no such queue.
func (cl *Client) GetRoutingQueueMembers(ctx context.Context, token Secret, queue string, from Position) (Listing[QueueMember], error) {
	path := "/api/v2/routing/queues/" + url.PathEscape(queue) + "/members"
	return list[QueueMember](ctx, cl, token, "GetRoutingQueueMembers", path, nil, from)
}
