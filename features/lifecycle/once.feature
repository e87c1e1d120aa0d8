Feature: What is sent twice is made once, and what was cut off is finished once

  Background:
    Given payments-api crash-loops in production after a release

  Scenario: The same message sent again makes no second proposal
    When the agent sends the same proposal to roll back payments-api twice
    Then there is one proposal
    And there is 1 open pull request
    And nothing was merged

  Scenario: A gate that stopped before opening opens it once
    Given the gate decided the agent's proposal to roll back payments-api and stopped
    When the gate is started again and takes up its work
    And the gate is started again and takes up its work
    Then there is one proposal
    And there is 1 open pull request
    And nothing was merged

  Scenario: Only asking makes and spends nothing
    When alice only asks whether she may restart ledger-worker
    Then the answer is not a refusal
    And there is no proposal
    And nothing was opened, merged or spent, and nobody was told of a fix
