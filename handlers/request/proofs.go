package request

import (
	"sync"
	"time"

	"tokenconsole/internal/genesys"
)

// Prove returns an error unless the token of v lived a moment ago.
func (k *Keeper) Prove(v *Visit) error { return k.prove(v, proofLife) }

// Knows reports whether the token of v is known to have lived a moment ago, and asks nobody.
func (k *Keeper) Knows(v *Visit) bool {
	v.Proven = k.proofs.holds(v.Session.AccessToken, v.Now(), proofLife)
	return v.Proven
}

// Proved notes what the platform said of a token at now.
func (k *Keeper) Proved(token genesys.Secret, alive bool, now time.Time) {
	k.proofs.add(token, alive, now)
}

const (
	// proofLife is how long a token that lived is taken for living.
	proofLife = 15 * time.Second
	// openProofLife is the same for pages that stay open, which show nothing new.
	openProofLife = time.Minute
	// doubtLife is longer than any answer of the platform is on its way.
	doubtLife = 15 * time.Second
)

// Doubt takes no token for living any more that lived before now: something was done that may have ended any of them.
// For a while the platform is asked each time.
func (k *Keeper) Doubt(now time.Time) {
	k.proofs.mu.Lock()
	defer k.proofs.mu.Unlock()
	clear(k.proofs.last)
	k.proofs.doubted = now
}

// proofs remembers which tokens lived a moment ago, and which were found dead: an answer that was on its way before
// makes nobody living again.
type proofs struct {
	mu    sync.Mutex
	last  map[genesys.Secret]proof
	sweep time.Time // when to forget those that are too old for anything

	doubted time.Time // an answer within doubtLife of it may be of before
}

// proof is what the platform last said of a token.
type proof struct {
	alive bool
	at    time.Time
}

// prove asks whether the session's token lives, without keeping it alive. A dead
// one opens no page and does nothing, whether the page would have asked or not.
func (k *Keeper) prove(v *Visit, life time.Duration) error {
	token := v.Session.AccessToken
	v.Proven = k.proofs.holds(token, v.Now(), life)
	if v.Proven {
		return nil
	}
	if _, err := k.Platform.Client(v.Session.Region).GetTokensMe(v.Context(), token, genesys.PreserveIdle); err != nil {
		return err
	}
	v.Proven = true
	return nil
}

func (p *proofs) holds(token genesys.Secret, now time.Time, life time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.last[token]
	return last.alive && now.Sub(last.at) < life
}

func (p *proofs) add(token genesys.Secret, alive bool, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if alive && now.Sub(p.doubted) < doubtLife {
		return
	}
	if p.last == nil || now.After(p.sweep) {
		recent := map[genesys.Secret]proof{}
		for t, last := range p.last {
			if now.Sub(last.at) < openProofLife {
				recent[t] = last
			}
		}
		p.last, p.sweep = recent, now.Add(openProofLife)
	}
	if last, ok := p.last[token]; !ok || last.alive || now.Sub(last.at) >= openProofLife {
		p.last[token] = proof{alive, now}
	}
}
