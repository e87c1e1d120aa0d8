Feature: Only so many fixes an hour go alone

  Background:
    Given payments-api crash-loops in production after a release

  @rule:rate/hourly_limit
  Scenario: The sixth within the hour is refused
    Given at most 5 fixes an hour may go alone
    And alice already proposed to restart ledger-worker
    And alice already proposed to restart ledger-worker
    And alice already proposed to restart ledger-worker
    And alice already proposed to restart ledger-worker
    And alice already proposed to restart ledger-worker
    When alice proposes to restart ledger-worker
    Then it is refused: "automatic fixes in the last"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: After the hour there is room again
    Given at most 1 fixes an hour may go alone
    And alice already proposed to restart ledger-worker
    And 61 minutes pass
    When alice proposes to restart ledger-worker
    Then it merged alone, and the owner was told of the fix

  @rule:rate/pods_budget
  Scenario: Too many pods were disturbed lately
    Given at most 6 pods an hour may be disturbed
    And the agent already proposed to restart payments-api
    When the agent proposes to restart payments-api
    Then it is refused: "pods disturbed"
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: What was refused uses up nothing
    Given at most 3 pods an hour may be disturbed
    And ledger-worker crash-loops as well
    When the agent proposes to restart payments-api
    Then it is refused: "pods disturbed"
    And nothing was opened, merged or spent, and nobody was told of a fix
    When the agent proposes to restart ledger-worker
    Then it merged alone, and the owner was told of the fix
