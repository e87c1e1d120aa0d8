Feature: Who proposes it again takes nobody's approval away, and gets none of their own

  Background:
    Given payments-api crash-loops in production after a release
    And heidi belongs to both team-payments and team-platform

  Scenario: Somebody else proposes the same
    Given the agent already proposed to roll back payments-api
    And alice approved it
    When bob proposes to roll back payments-api, answering the same incident
    And bob approves it
    Then the word of alice counts
    And the word of bob doesn't count: "who proposed it can't approve it"
    And it waits for one person of team:team-payments
    And there is 1 open pull request
    And nothing was merged
    When heidi approves it
    Then it merged

  Scenario: Who approved and then proposes it
    Given the agent already proposed to roll back payments-api
    And bob approved it
    When bob proposes to roll back payments-api, answering the same incident
    And alice approves it
    Then the word of bob doesn't count: "who proposed it can't approve it"
    And it waits for one person of team:team-payments
    And nothing was merged
    And no budget was committed

  Scenario: Who lets somebody else propose the same
    Given bob already proposed to roll back payments-api, answering the same incident
    When the agent proposes to roll back payments-api
    And bob approves it
    And alice approves it
    Then the word of bob doesn't count: "who proposed it can't approve it"
    And it waits for one person of team:team-payments
    And nothing was merged
    And no budget was committed

  Scenario: The same for no incident, or for another, stands beside nothing
    Given the agent already proposed to roll back payments-api
    And alice approved it
    When bob proposes to roll back payments-api
    Then it is refused: "other proposals on this target are under way"
    And there is 1 open pull request
    And nothing was opened, merged or spent, and nobody was told of a fix
