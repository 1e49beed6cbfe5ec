"""What in the past resembles now, and what followed it.

    Query                    query.py          what is asked: a shape, how many, as of when, at which horizon
    Neighbour, Aftermath, Retrieved   retrieved.py   what is found, and what followed it in one line
    weights, effective, quantiles     weighing.py    episodes at one time are not so many witnesses
    retrieve                 retrieving.py     the search, its regime and its summary, as a plain function
    ContextAwareRetrieval    context_aware.py  the same within a deadline, and never in the way

A history is retrieved with `retrieve`, which says the same whatever the machine is doing; a service asks
`ContextAwareRetrieval`, which gives up in time and says so.
"""

from tradewind.context.retrieval.context_aware import ContextAwareRetrieval
from tradewind.context.retrieval.query import Query
from tradewind.context.retrieval.retrieved import Aftermath, Neighbour, Retrieved
from tradewind.context.retrieval.retrieving import retrieve

__all__ = ["Aftermath", "ContextAwareRetrieval", "Neighbour", "Query", "Retrieved", "retrieve"]
