package emulator

import (
	"net/http"
	"sync"

	"github.com/google/uuid"
)

// usage counts the API requests of each client, and knows the queries about them.
type usage struct {
	mu      sync.Mutex
	counts  map[string]int
	queries map[string]*usageQuery
}

// usageQuery is a query that is answered the second time that somebody asks.
type usageQuery struct {
	client string
	days   int
	asked  bool
}

func newUsage() *usage { return &usage{counts: map[string]int{}, queries: map[string]*usageQuery{}} }

func (u *usage) count(client string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.counts[client]++
}

// maxQueries is how many queries are remembered.
const maxQueries = 10_000

func (u *usage) begin(client string, days int) (id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.queries) >= maxQueries {
		clear(u.queries)
	}
	id = uuid.NewString()
	u.queries[id] = &usageQuery{client: client, days: days}
	return id
}

// take returns a query about client and how many requests were counted, and
// whether its result is ready.
func (u *usage) take(id, client string) (q *usageQuery, count int, ready bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	q = u.queries[id]
	if q == nil || q.client != client {
		return nil, 0, false
	}
	ready, q.asked = q.asked, true
	return q, u.counts[client], ready
}

// usageExecution is the platform's UsageExecutionResult.
type usageExecution struct {
	ExecutionID string `json:"executionId"`
	ResultsURI  string `json:"resultsUri"`
}

// usageResult is the platform's ApiUsageQueryResult.
type usageResult struct {
	Results     []usageRow `json:"results"`
	QueryStatus string     `json:"queryStatus"`
}

// usageRow is the platform's ApiUsageRow.
type usageRow struct {
	ClientID       string `json:"clientId"`
	ClientName     string `json:"clientName"`
	OrganizationID string `json:"organizationId"`
	Status200      int    `json:"status200"`
	Status400      int    `json:"status400"`
	Requests       int    `json:"requests"`
}

// getOAuthClientUsageSummary answers GET /api/v2/oauth/clients/{clientId}/usage/summary:
// it begins a query.
func (e *Emulator) getOAuthClientUsageSummary(w http.ResponseWriter, r *http.Request, c caller) error {
	of, err := e.named(r, c)
	if err != nil {
		return err
	}
	days, err := number(r.URL.Query(), "days", 7, 365)
	if err != nil {
		return err
	}
	id := e.usage.begin(of.id, days)
	writeJSON(w, http.StatusAccepted, usageExecution{
		ExecutionID: id, ResultsURI: "/api/v2/oauth/clients/" + of.id + "/usage/query/results/" + id,
	})
	return nil
}

// getOAuthClientUsageResults answers GET
// /api/v2/oauth/clients/{clientId}/usage/query/results/{executionId}.
func (e *Emulator) getOAuthClientUsageResults(w http.ResponseWriter, r *http.Request, c caller) error {
	of, err := e.named(r, c)
	if err != nil {
		return err
	}
	query, counted, ready := e.usage.take(r.PathValue("executionId"), of.id)
	if query == nil {
		return notFound()
	}
	if !ready {
		writeJSON(w, http.StatusAccepted, usageResult{Results: []usageRow{}, QueryStatus: "Running"})
		return nil
	}
	result := usageResult{Results: []usageRow{}, QueryStatus: "Complete"}
	if total := counted + of.calls*query.days; total > 0 {
		result.Results = append(result.Results, usageRow{
			ClientID: of.id, ClientName: of.name, OrganizationID: e.at(c).organization.ID,
			Status200: total - total/100, Status400: total / 100, Requests: total,
		})
	}
	writeJSON(w, http.StatusOK, result)
	return nil
}
