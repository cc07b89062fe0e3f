"""Lower the ceilings to what is measured; what grew is left for the test to refuse."""

from tests.budgets.ceilings import lowered, read_ceilings, write_ceilings
from tests.budgets.measures import MEASURES

if __name__ == "__main__":
    measured = {name: measure() for name, measure in MEASURES.items()}
    write_ceilings(lowered(read_ceilings(), measured))
