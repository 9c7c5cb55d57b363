"""Live updates: small facts, told after the commit to whoever watches, over one WebSocket at `/ws/v1/`.

`topics` is what can be watched, `publishing` tells of what happened, `hub` passes it on within a serving process,
`socket` speaks with one watcher. docs/live.md has the protocol. This room leans on no app: each registers its topics.
"""

from trufan.lib.live.errors import TooManyTopics as TooManyTopics
from trufan.lib.live.publishing import publish as publish
from trufan.lib.live.topics import Caller as Caller
from trufan.lib.live.topics import Topic as Topic
from trufan.lib.live.topics import register as register
